"""What is played for the recordings alone, because no story test goes there with a workflow on the way."""

import asyncio
from datetime import date
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from activities.schedules import RETURN_WATCH_ID, WATCH_ID, ensure_schedules
from contracts.flow import Ask, CommandAnswer
from domain.ids import parse_public_id
from domain.recurrence import Frequency, charge_date, period_date
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_authorizations.payers import Payers, charged, notices
from tests.flows.ach_operations import entry
from tests.flows.childcare.town import Town
from tests.flows.test_ach_returns import returned
from tests.system import System

WAKES = 400


def run_of(system: System, workflow: str, prefix: str, shown_id: str) -> WorkflowHandle[Any, Any]:
    """The run of a resource of the API."""
    key = parse_public_id(prefix, shown_id, field="id")
    return system.house.temporal.get_workflow_handle(f"{workflow}/{key}")


async def two_persons_find_out(system: System) -> None:
    """A debit whose answer was lost at a gateway that cannot be asked: one person proposes, another confirms."""
    account = await stored_account(system, await merchant(system))
    for outcome, amount, end in (("applied", 15_000, "accepted"), ("refused", 16_000, "declined")):
        kind = "cut_after" if outcome == "applied" else "cut_before"
        await _fault(system, "CKC2", kind)
        body = {"account_id": account["id"], "amount": amount, "currency": "USD"}
        debit = await system.post("/v1/ach-debits", body)
        [case] = (await system.until("/v1/cases", lambda seen: bool(seen["data"])))["data"]
        path = f"/v1/money-calls/{case['evidence'][0]['money_call_id']}"
        proposal = {"outcome": outcome, "evidence": "the gateway's support, by telephone"}
        proposed = await system.post(f"{path}/resolve", proposal)
        seen = {"seen": proposed["proposal"]["seen"]}
        await system.post(f"{path}/confirm", seen, client=system.other_operator)
        await entry(system, "ach-debits", debit, end)


async def cancelled_in_temporal(system: System) -> None:
    """A debit that waits for the gateway, asked nonsense by a signal, then cancelled by Temporal's own cancellation."""
    account = await stored_account(system, await merchant(system))
    await _fault(system, "*", "refuse_connection", count=None)
    body = {"account_id": account["id"], "amount": 15_000, "currency": "USD"}
    debit = await system.post("/v1/ach-debits", body)
    await entry(system, "ach-debits", debit, "submitting")
    run = run_of(system, "ach-debit", "achtx", debit["id"])
    await run.signal("retry", args=["nonsense", 1])
    await run.signal("reverse", Ask(reason="nobody offers this"))
    await run.cancel()
    await entry(system, "ach-debits", debit, "canceled")
    await system.control.delete("/faults")


async def terminated_in_doubt(system: System) -> None:
    """The watch finds out what became of a debit whose run somebody ended; the debit goes on under a new run."""
    account = await stored_account(system, await merchant(system))
    await _fault(system, "report", "http_500_before", count=None)
    await _fault(system, "CKC2", "cut_after")
    body = {"account_id": account["id"], "amount": 15_000, "currency": "USD"}
    debit = await system.post("/v1/ach-debits", body)
    await entry(system, "ach-debits", debit, "unknown")
    await run_of(system, "ach-debit", "achtx", debit["id"]).terminate("somebody pressed the button")
    await system.control.delete("/faults")
    await asyncio.sleep(system.settings.money_call.watch_after_seconds * 2)
    await ensure_schedules(system.house)
    schedules = [system.house.temporal.get_schedule_handle(name) for name in (WATCH_ID, RETURN_WATCH_ID)]
    try:
        for schedule in schedules:
            await schedule.trigger()
        await entry(system, "ach-debits", debit, "accepted")
    finally:
        for schedule in schedules:
            await schedule.delete()
    await system.advance_clock(days=5)
    await entry(system, "ach-debits", debit, "settled")


async def settles_beyond_a_long_history(system: System) -> None:
    """A debit on its way is woken so often that Temporal suggests a fresh history; then the bank settles it."""
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"])
    await _wake_until_afresh(run_of(system, "ach-debit", "achtx", debit["id"]))
    await system.advance_clock(days=5)
    await entry(system, "ach-debits", debit, "settled")


async def another_try_is_cancelled(system: System) -> None:
    """A debit came back for lack of funds; what was planned for it is cancelled by a signal."""
    account = await stored_account(system, await merchant(system), "990009501")
    body = {"account_id": account["id"], "amount": 15_000, "currency": "USD", "reinitiate": True}
    debit = await system.post("/v1/ach-debits", body, wait=10)
    await system.advance_clock(days=7)
    [row] = await system.eventually(lambda: returned(system, transaction_id=debit["id"]))
    path = f"/v1/ach-returns/{row['id']}"
    await system.until(path, lambda seen: seen["reinitiation_state"] == "planned")
    run = run_of(system, "ach-return", "ret", row["id"])
    await system.eventually(lambda: _runs(run))
    await run.signal("cancel", Ask(reason="the customer paid otherwise"))
    await system.until(path, lambda seen: seen["reinitiation_state"] == "canceled")


async def a_correction_whose_answer_is_lost(system: System) -> None:
    """The corrected account is stored under another reference, because the first answer never came."""
    account = await stored_account(system, await merchant(system), "990009601")
    await debited(system, account["id"])
    await _fault(system, "CKC8", "cut_before")
    await system.advance_clock(days=7)
    path = f"/v1/ach-account-changes?account_id={account['id']}"
    await system.until(path, lambda seen: [row["state"] for row in seen["data"]] == ["applied"])


async def paused_resumed_and_changed(payers: Payers) -> None:
    """Paused by an update, resumed by a signal, charged another amount after its notice, cancelled."""
    authorization = await payers.authorized()
    await payers.until(authorization, charged(1))
    run = run_of(payers.system, "ach-authorization", "auth", authorization["id"])
    answer = await run.execute_update("pause", Ask(reason="summer"), result_type=CommandAnswer)
    assert answer.accepted
    await payers.until(authorization, lambda seen: seen["state"] == "paused")
    await run.signal("resume", Ask(reason="autumn"))
    await payers.until(authorization, lambda seen: seen["state"] == "active")
    await payers.command(authorization, "change-amount", amount=16_000, reason="a longer lesson")
    await _second_charge(payers, authorization)
    assert [taken["amount"] for taken in await payers.taken()] == [15_000, 16_000]
    await payers.command(authorization, "cancel", reason="the customer moved away")
    await payers.until(authorization, lambda seen: seen["state"] == "cancelled")


async def charged_under_a_fresh_history(payers: Payers) -> None:
    """An authorization is woken until its history is long; the next charge happens under a fresh one."""
    authorization = await payers.authorized()
    await payers.until(authorization, charged(1))
    await _wake_until_afresh(run_of(payers.system, "ach-authorization", "auth", authorization["id"]))
    await _second_charge(payers, authorization)


async def a_provider_is_read_once_chek_is_back(town: Town) -> None:
    """Somebody asks how a provider is paid while Chek is away."""
    provider = await town.provider()
    path = f"/v1/providers/{provider.id}"
    fault = await town.fault("*", "refuse_connection", count=None)
    await town.system.post(f"{path}/refresh", None)
    await asyncio.sleep(1.5)
    await town.system.control.delete(f"/faults/{fault}")
    await town.system.post(f"{path}/refresh", None, wait=20)


async def _second_charge(payers: Payers, authorization: dict[str, Any]) -> None:
    """Up to the notice before the next period's charge, then to the charge."""
    start = date.fromisoformat(authorization["starts_on"])
    second = charge_date(period_date(start, Frequency.MONTHLY, 1))
    await payers.system.advance_clock(days=(second - start).days - 11)
    await payers.until(authorization, lambda seen: any(notice["sent_at"] for notice in notices(seen, "charge")))
    await payers.system.advance_clock(days=11)
    await payers.until(authorization, charged(2))


async def _wake_until_afresh(run: WorkflowHandle[Any, Any]) -> None:
    first = (await run.describe()).run_id
    for _ in range(WAKES):
        await run.signal("wake")
        await asyncio.sleep(0.05)
        if (await run.describe()).run_id != first:
            return
    raise AssertionError(f"{run.id} did not go on under a fresh history")


async def _runs(run: WorkflowHandle[Any, Any]) -> bool:
    return (await run.describe()).status is WorkflowExecutionStatus.RUNNING


async def _fault(system: System, operation: str, kind: str, *, count: int | None = 1) -> None:
    body = {"partner": "epx", "operation": operation, "kind": kind, "count": count}
    (await system.control.post("/faults", json=body)).raise_for_status()
