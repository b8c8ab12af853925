"""Carrying a pay run on: what has come to rest leaves its place to the next pairs, each begun by itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import structlog
from sqlalchemy import RowMapping
from temporalio import activity

from activities.heartbeat import heartbeats
from contracts.flow import FlowInput
from contracts.pay_run import CARRY_ON, PaymentRun, PayRunStanding
from db.engine import Database
from db.flows.base import FlowSteps
from db.flows.childcare_stop_mail import tell_refused
from db.flows.provider_payment_submit import submit
from db.queries import allocation as allocations
from db.queries import care_day, provider_payment
from db.queries import pay_run as queries
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError
from domain.pay_run import OPEN, PairState, PayRunState, Standing

log = structlog.get_logger()

PATIENCE_SECONDS = 60
"""A payment that is under way for longer leaves its place in the window, whatever it waits for."""
START_AFTER_SECONDS = 60
"""The parent starts a payment's run; where it was lost, the outbox does after this time."""


Pair = Mapping[Any, Any]
Waiting = Callable[[set[Any], int], Awaitable[Sequence[Pair]]]
"""The first so many pairs that wait, of nobody in the set."""


class PayRuns:
    """One instance per process."""

    def __init__(self, database: Database, flows: Mapping[str, FlowSteps], public_url: str) -> None:
        self._database = database
        self._payments = flows[provider_payment.FLOW]
        self._public_url = public_url

    @activity.defn(name=CARRY_ON)
    async def carry_on(self, flow: FlowInput) -> PayRunStanding:
        """Begin what there is room for, and say where the run stands. Every repeat goes on from the rows."""
        async with heartbeats():
            async with self._unit_of_work(flow) as uow:
                run = await queries.get(uow, flow.id)
                chosen = await self._choose(uow, run) if run["state"] == PayRunState.RUNNING else []
            for pair in chosen:
                await self._begin(flow, run, pair)
            async with self._unit_of_work(flow) as uow:
                return await self._standing(uow, flow)

    async def _choose(self, uow: UnitOfWork, run: RowMapping) -> list[Pair]:
        return await choose(
            await queries.under_way(uow, run["id"]), run["width"], partial(queries.waiting, uow, run["id"])
        )

    async def _begin(self, flow: FlowInput, run: RowMapping, pair: Pair) -> None:
        """One pair, in a transaction of its own: whatever is wrong with it holds up no other."""
        try:
            async with self._unit_of_work(flow) as uow:
                await self._submit(uow, run, pair)
            return
        except BursarError as refusal:
            code, message, must_act = refusal.code, refusal.message, refusal.who_must_act
        except Exception as error:  # noqa: BLE001 - a database that is away fails the next transaction too
            log.warning("pay_run_pair_failed", pair_id=str(pair["id"]), error=type(error).__name__)
            code, message, must_act = "not_begun", "The payment could not be recorded.", "operator"
        async with self._unit_of_work(flow) as uow:
            standing = await queries.get_pair(uow, pair["id"])
            if standing["state"] == PairState.WAITING:
                values = {"state": PairState.REFUSED, "code": code, "message": message, "must_act": must_act}
                await queries.change_pair(uow, pair["id"], **values)
                await tell_refused(uow, run, standing, code)
                await uow.tell("pay_run.pair_refused", queries.FLOW, run["id"], {"code": code, "must_act": must_act})

    async def _submit(self, uow: UnitOfWork, run: RowMapping, pair: Pair) -> None:
        """Pay the pair's days as they are now; days that are in a payment by now are not paid again."""
        locked = await queries.get(uow, run["id"], lock=True)
        standing = await queries.get_pair(uow, pair["id"])
        if locked["state"] != PayRunState.RUNNING or standing["state"] != PairState.WAITING:
            return
        allocation = await allocations.get(uow, pair["allocation_id"], lock=True)
        due = await queries.days_due(uow, pair, run["first_day"], run["last_day"])
        if not due:
            await queries.change_pair(uow, pair["id"], state=PairState.NOTHING_DUE)
            return
        days = await care_day.of_ids(uow, due)
        row, _ = await submit(
            uow, self._payments, allocation, days, "care_day_id", "", start_after_seconds=START_AFTER_SECONDS
        )
        await queries.change_pair(
            uow,
            pair["id"],
            state=PairState.BEGUN,
            payment_intent_id=row["id"],
            days=len(days),
            amount_cents=row["amount_cents"],
            begun_at=await uow.business_now(),
        )

    async def _standing(self, uow: UnitOfWork, flow: FlowInput) -> PayRunStanding:
        run = await queries.get(uow, flow.id, lock=True)
        under_way = await queries.under_way(uow, flow.id)
        paying = [pair["payment_intent_id"] for pair in under_way if pair["standing"] == Standing.PAYING]
        progress = await queries.progress(uow, flow.id)
        now = await uow.business_now()
        if run["state"] == PayRunState.RUNNING and not progress.keys() & {Standing.WAITING, Standing.PAYING}:
            await queries.change(uow, flow.id, "finished", state=PayRunState.FINISHED, ended_at=now)
            run = await queries.get(uow, flow.id)
        return PayRunStanding(
            state=run["state"],
            ended=run["state"] not in OPEN,
            under_way=[self._run_of(payment) for payment in await provider_payment.of_ids(uow, paying)],
            progress=_in_words(progress),
            business_now=now,
        )

    def _run_of(self, payment: RowMapping) -> PaymentRun:
        run = self._payments.run(payment)
        return PaymentRun(
            workflow_id=run.workflow_id,
            id=payment["id"],
            search_attributes=run.search_attributes,
            summary=run.summary,
            details=f"[{run.path}]({self._public_url}{run.path})",
        )

    def _unit_of_work(self, flow: FlowInput) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(flow.organization_id, actor=f"flow/{queries.FLOW}")


async def choose(under_way: Sequence[Pair], width: int, waiting: Waiting) -> list[Pair]:
    """The next pairs to begin: as many as the window has room for, of families and providers that are not busy.

    A wallet serves one payment at a time, so two payments of one person would only wait for each other. Where nothing
    else is left, those behind a wallet that is in doubt are begun too: they wait there, visibly, by themselves.
    """
    busy = {person for pair in under_way for person in people_of(pair)}
    paying = [pair for pair in under_way if pair["standing"] == Standing.PAYING]
    room = width - sum(pair["seconds"] < PATIENCE_SECONDS for pair in paying)
    chosen: list[Pair] = []
    while len(chosen) < room and (found := await waiting(busy, room - len(chosen))):
        for pair in found:
            if not people_of(pair) & busy:
                chosen.append(pair)
                busy |= people_of(pair)
    return chosen if chosen or paying else list(await waiting(set(), width))


def people_of(pair: Pair) -> set[Any]:
    """The family and the provider."""
    return {pair["family_id"], pair["provider_id"]}


def _in_words(progress: Mapping[str, tuple[int, int]]) -> str:
    total = sum(pairs for pairs, _ in progress.values())
    said = ", ".join(f"{progress[name][0]} {name.replace('_', ' ')}" for name in Standing if name in progress)
    return f"{said} of {total} pairs"
