"""What is asked of an authorization through Temporal itself, by a client such as the web UI and `temporal` have."""

from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from contracts.flow import Ask, CommandAnswer
from domain.ids import parse_public_id
from domain.recurrence import Frequency, charge_date, period_date
from tests.flows.ach_authorizations.payers import Payers, charged, notices


def _run(payers: Payers, authorization: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    number = parse_public_id("auth", authorization["id"], field="id")
    return payers.system.house.temporal.get_workflow_handle(f"ach-authorization/{number}")


async def _update(run: WorkflowHandle[Any, Any], name: str, **ask: Any) -> CommandAnswer:
    answer: CommandAnswer = await run.execute_update(name, Ask(**ask), result_type=CommandAnswer)
    return answer


async def test_every_command_works_as_a_signal_and_as_an_update_and_shows_in_the_api(payers: Payers) -> None:
    authorization = await payers.authorized()
    await payers.until(authorization, charged(1))
    run = _run(payers, authorization)

    await run.signal("pause", Ask(reason="by signal"))
    await payers.until(authorization, lambda now: now["state"] == "paused")
    refused = await _update(run, "pause")
    assert (refused.accepted, refused.code) == (False, "authorization_paused")
    assert (await _update(run, "resume", reason="by update")).accepted
    assert (await payers.until(authorization, lambda now: now["state"] == "active"))["code"] is None
    assert (await _update(run, "pause")).accepted
    await run.signal("resume")
    await payers.until(authorization, lambda now: now["state"] == "active")

    # another amount: told ten days before
    assert not (await _update(run, "change_amount")).accepted, "without an amount"
    assert (await _update(run, "change_amount", amount=17_500)).accepted
    seen = await payers.until(
        authorization, lambda now: any(notice["sent_at"] for notice in notices(now, "amount_changed"))
    )
    assert seen["next_amount"] == 17_500
    await run.signal("change_amount", {"amount": 18_000, "reason": "by signal"})
    await payers.until(authorization, lambda now: now["next_amount"] == 18_000)

    # another date: told seven days before
    start = date.fromisoformat(seen["starts_on"])
    later = charge_date(period_date(start, Frequency.MONTHLY, 1) + timedelta(days=3))
    too_late = await _update(run, "change_schedule", first_charge_on=start + timedelta(days=2))
    assert (too_late.accepted, too_late.code) == (False, "date_change_too_late")
    assert (await _update(run, "change_schedule", first_charge_on=later)).accepted
    await payers.until(authorization, lambda now: any(notice["sent_at"] for notice in notices(now, "date_changed")))
    moved = charge_date(later + timedelta(days=2))
    await run.signal("change_schedule", {"first_charge_on": moved.isoformat()})
    both = await payers.until(
        authorization, lambda now: [bool(n["sent_at"]) for n in notices(now, "date_changed")] == [True] * 2
    )
    assert both["schedule_from"] == moved.isoformat()

    await run.signal("change_schedule", {"first_charge_on": "soon"})  # makes no sense, and blocks nothing
    with pytest.raises(WorkflowUpdateFailedError):
        await _update(run, "reverse")
    await payers.system.advance_clock(days=(moved - await payers.today()).days)
    seen = await payers.until(authorization, charged(2))
    assert [(entry["amount"]) for entry in await payers.taken()] == [15_000, 18_000]
    asked = [line["action"] for line in seen["detail"]["history"] if line["actor"].startswith("unverified/")]
    assert asked == ["paused", "resumed", "paused", "resumed"] + ["amount_announced"] * 2 + ["schedule_changed"] * 2

    assert (await _update(run, "cancel", reason="the customer called")).accepted
    ended = await payers.until(authorization, lambda now: now["state"] == "cancelled")
    assert ended["message"] == "the customer called"
    after = await payers.debit(authorization)
    assert (after.status_code, after.json()["code"]) == (409, "authorization_cancelled")


async def test_a_cancel_by_signal_ends_it_at_once_and_the_same_verbs_work_through_the_api(payers: Payers) -> None:
    authorization = await payers.authorized(in_days=20)
    await payers.until(authorization, lambda now: any(notice["sent_at"] for notice in notices(now, "copy")))
    assert (await payers.command(authorization, "pause"))["state"] == "paused"
    assert (await payers.command(authorization, "resume"))["state"] == "active"
    moved = charge_date(await payers.today() + timedelta(days=25)).isoformat()
    assert (await payers.command(authorization, "change-schedule", first_charge_on=moved))["schedule_from"] == moved
    assert (await payers.command(authorization, "change-amount", amount=20_000))["next_amount"] == 20_000
    bad = await payers.ask(f"/v1/ach-authorizations/{authorization['id']}/change-schedule", {"first_charge_on": "soon"})
    assert bad.status_code == 422
    await _run(payers, authorization).signal("cancel", Ask(reason="by signal"))
    ended = await payers.until(authorization, lambda now: now["state"] == "cancelled")
    assert ended["retain_until"] is not None
    for verb, body in (("pause", {}), ("change-schedule", {"first_charge_on": moved})):
        refused = await payers.ask(f"/v1/ach-authorizations/{authorization['id']}/{verb}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "authorization_cancelled")
