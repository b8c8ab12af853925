"""The worker: builds clients and activities, registers the lists, runs. Any number of them may run side by side."""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import structlog
import uvloop
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Interceptor, Worker, WorkerDeploymentConfig, WorkflowRunner

from activities.ach import Ach
from activities.ach_account_change import AchAccountChanges
from activities.ach_authorization import AchAuthorizations
from activities.ach_return import AchReturns
from activities.allocation import Allocations
from activities.childcare_books import ChildcareBooks
from activities.childcare_calendar import ChildcareCalendar
from activities.childcare_schedules import ensure_childcare_schedules
from activities.epx_drop import EpxDrop
from activities.epx_feed import EpxFeed
from activities.event_delivery import EventDelivery
from activities.flow_command import FlowCommands
from activities.house import House, open_house
from activities.inbox import Inbox
from activities.inbox_column import ColumnEvents
from activities.inbox_epx import EpxEvents
from activities.inbox_paypal import PayPalEvents
from activities.interceptor import Discreet
from activities.ledger_keeping import LedgerKeeping
from activities.loops import Loop
from activities.loops import run as run_loop
from activities.mail import Mail
from activities.memory import GIVE_BACK, use_one_heap
from activities.money_call import MoneyCalls
from activities.money_call_find import Backoff
from activities.money_call_watch import MoneyCallWatch
from activities.onboarding import Onboardings
from activities.pay_run import PayRuns
from activities.payout_lost import LostPayouts
from activities.payout_reconciliation import PayoutReconciliation, statements
from activities.payout_watch import PayoutWatch
from activities.provider import Providers
from activities.provider_payment import ProviderPayments
from activities.provider_payout_watch import ProviderPayoutWatch
from activities.receipt_sweep import ReceiptSweep
from activities.reclaim import Reclaims
from activities.reimbursement import Reimbursements
from activities.return_watch import ReturnWatch
from activities.schedules import ensure_schedules
from activities.webhook_sender import open_sender
from activities.workflow_runner import workflow_sandbox
from db.flows import ach_returns, charge_terms, reimbursement_steps
from logs import configure_logs
from rails.chek import ChekRail
from rails.epx import open_feed
from settings import Settings
from settings_worker import WorkerSettings
from storage import content_store
from workflows import LASTING, WORKFLOWS

log = structlog.get_logger()
AUTOGROUP = Path("/proc/self/autogroup")
SCHEDULES_SECONDS = 600
"""A programme in a new zone has its schedules by then."""


def activities(house: House) -> list[Callable[..., Any]]:
    """Every activity, bound to this process's parts. A new noun adds its lines."""
    calls = MoneyCalls(house.database, house.rails, house.flows, house.sender, house.finder)
    commands = FlowCommands(house.database, house.flows)
    watch = MoneyCallWatch(
        house.database,
        house.temporal,
        house.flows,
        house.finder,
        after_seconds=house.settings.money_call.watch_after_seconds,
    )
    ach = Ach(house.database, has_returns_feed=bool(house.settings.epx.feed_url))
    reimbursements = Reimbursements(house.database, reimbursement_steps(house.settings))
    mail = Mail(house.database, house.settings.smtp)
    allocations = Allocations(house.database, again_seconds=house.settings.childcare.funding_again_seconds)
    chek = house.rails.get("chek")
    chek_client = chek.client if isinstance(chek, ChekRail) else None
    providers = Providers(house.database, house.flows, chek_client)
    onboardings = Onboardings(
        house.database, house.flows["onboarding"], again_seconds=house.settings.childcare.funding_again_seconds
    )
    calendar = ChildcareCalendar(house.database, house.flows)
    return [
        calls.perform,
        commands.command,
        watch.watch,
        ach.verify,
        ach.look,
        AchAuthorizations(house.database, charge_terms(house.settings)).keep,
        AchReturns(house.database).reinitiate,
        AchAccountChanges(house.database).look,
        ReturnWatch(house.database, minimum_sample=house.settings.epx.rate_minimum_sample).watch,
        reimbursements.reimburse,
        reimbursements.look,
        reimbursements.wind_up,
        mail.send,
        allocations.look,
        allocations.fund_again,
        providers.refresh,
        providers.read_method,
        ProviderPayments(house.database).look,
        ProviderPayoutWatch(
            house.database, house.flows, chek_client, house.settings.chek, house.settings.childcare.staff_mail
        ).watch,
        PayoutReconciliation(
            house.database, house.inbox, statements(house.rails), days=house.settings.payout.reconcile_days
        ).reconcile,
        PayRuns(house.database, house.flows, house.settings.api.public_url).carry_on,
        Reclaims(house.database).look,
        onboardings.look,
        onboardings.again,
        calendar.allocate_month,
        calendar.remind,
        ChildcareBooks(house.database, chek_client, house.settings.chek.readings_apart_seconds).reconcile,
    ]


async def loops(house: House, stack: AsyncExitStack) -> list[Loop]:
    """Every loop of this process; what they need open stays open as long as the stack."""
    settings = house.settings
    pause = settings.worker.outbox_poll_seconds
    keeping = LedgerKeeping(house.database)
    inbox = Inbox(
        house.database,
        {
            "epx": EpxEvents(house.flows, ach_returns(settings)),
            "column": ColumnEvents(reimbursement_steps(settings)),
            "paypal": PayPalEvents(reimbursement_steps(settings)),
        },
        backoff=Backoff(1, settings.worker.inbox_longest_pause_seconds),
        case_after_seconds=settings.worker.inbox_case_after_seconds,
    )
    sender = await stack.enter_async_context(open_sender(live=settings.environment == "live"))
    delivery = await stack.enter_async_context(EventDelivery(house.database, sender))
    found = [
        GIVE_BACK,
        Loop("workflow-outbox", house.outbox.deliver_due, pause),
        Loop("inbox", inbox.process_due, pause),
        Loop("event-delivery", delivery.deliver_due, pause),
        Loop("seal", keeping.seal, settings.worker.seal_seconds),
        Loop("fold", keeping.fold, settings.worker.seal_seconds),
        Loop(
            "receipts",
            ReceiptSweep(house.database, content_store(settings.receipts)).sweep,
            settings.receipts.sweep_seconds,
        ),
        Loop(
            "payouts",
            PayoutWatch(
                house.database, reimbursement_steps(settings), Mail(house.database, settings.smtp), settings.payout
            ).watch,
            settings.payout.watch_seconds,
        ),
        Loop(
            "lost-payouts",
            LostPayouts(
                house.database,
                house.temporal,
                reimbursement_steps(settings),
                after_seconds=settings.payout.lost_after_seconds,
            ).look,
            settings.payout.watch_seconds,
        ),
        Loop("idempotency-keys", keeping.forget_keys, 3600),
    ]
    if "chek" in house.rails:
        found.append(Loop("childcare-schedules", partial(ensure_childcare_schedules, house), SCHEDULES_SECONDS))
    if "epx" in house.rails and settings.epx.feed_url:
        feed = await stack.enter_async_context(open_feed(settings.epx))
        puller = EpxFeed(house.database, feed, house.inbox)
        found.append(Loop("epx-feed", puller.pull, settings.epx.feed_poll_seconds))
    if settings.epx.drop_folder is not None:
        drop = EpxDrop(house.database, settings.epx.drop_folder, house.inbox)
        found.append(Loop("epx-drop", drop.pull, settings.epx.feed_poll_seconds))
    return found


class WorkflowSide(TypedDict):
    """What decides how workflow code runs: a worker and the replay of recorded histories must not differ in it."""

    workflows: list[type]
    interceptors: list[Interceptor]
    workflow_runner: WorkflowRunner


def workflow_side(*, builds: bool = False) -> WorkflowSide:
    """Every workflow, and how it is run."""
    return WorkflowSide(
        workflows=[LASTING.get(each, each) for each in WORKFLOWS] if builds else WORKFLOWS,
        interceptors=[Discreet()],
        workflow_runner=workflow_sandbox(),
    )


def build_worker(house: House) -> Worker:
    """A Temporal worker on the settings' task queue."""
    settings = house.settings.worker
    return Worker(
        house.temporal,
        **workflow_side(builds=bool(settings.build_id)),
        task_queue=house.settings.temporal.task_queue,
        activities=activities(house),
        max_concurrent_activities=settings.concurrent_activities,
        max_concurrent_local_activities=settings.concurrent_activities,
        max_cached_workflows=settings.cached_workflows,
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_shutdown_seconds),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.sticky_seconds),
        deployment_config=_build(settings),
    )


def _build(settings: WorkerSettings) -> WorkerDeploymentConfig | None:
    """Which release this is: a run stays with the one that it began on, unless its workflow says otherwise."""
    if not settings.build_id:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=settings.deployment, build_id=settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Until told to stop; then finish what was begun, within the graceful shutdown."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(settings, for_worker=True))
        tasks = [asyncio.create_task(run_loop(loop, stop), name=loop.name) for loop in await loops(house, stack)]
        await ensure_schedules(house)
        async with build_worker(house):
            # what is loaded now lives as long as the process: collections need not walk it, 100 ms each time
            gc.collect()
            gc.freeze()
            # for whoever started us, at every log level
            sys.stdout.write(json.dumps({"ready": True, "task_queue": settings.temporal.task_queue}) + "\n")
            sys.stdout.flush()
            await stop.wait()
        await asyncio.gather(*tasks)


def yield_processor(niceness: int) -> None:
    """To be called before any thread begins: each has a niceness of its own, taken from the one that starts it.

    Linux may share the processor among sessions first (sched(7), autogroups), where a process's niceness counts only
    within its own: whoever leads a session says the same for all of it.
    """
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            AUTOGROUP.write_text(str(niceness), encoding="ascii")


async def _main() -> None:
    settings = Settings()
    configure_logs(settings.log_level)
    yield_processor(settings.worker.niceness)
    use_one_heap()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, stop)


if __name__ == "__main__":
    uvloop.run(_main())
