"""What can be asked in the Temporal web UI: the same commands, answered with yes or why not; a reversal is proposed."""

from typing import Any

from temporalio.client import WorkflowHandle

from activities.payout_lost import LostPayouts
from contracts.flow import Ask, CommandAnswer, FlowStatus
from db.flows import reimbursement_steps
from domain.ids import parse_public_id
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_payout_failed import NO_BANK


def run_of(people: People, report_id: str) -> WorkflowHandle[Any, Any]:
    """The report's workflow."""
    key = parse_public_id("rmr", report_id, field="report_id")
    return people.system.house.temporal.get_workflow_handle(f"reimbursement/{key}")


async def stuck(people: People) -> str:
    """A report whose payout waits for the payee."""
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(5_000)
    await people.until(report_id, "action_required")
    return report_id


async def test_an_update_is_answered_with_yes_or_why_not(people: People) -> None:
    report_id = await stuck(people)
    run = run_of(people, report_id)

    no = await run.execute_update("method_changed", Ask(), result_type=CommandAnswer)
    assert (no.accepted, no.code) == (False, "invalid_input")

    method = parse_public_id("pm", people.method["id"], field="method_id")
    yes = await run.execute_update("method_changed", Ask(method_id=method), result_type=CommandAnswer)

    assert yes.accepted
    await people.until(report_id, "sent")
    no = await run.execute_update("cancel", Ask(reason="too late"), result_type=CommandAnswer)
    assert (no.accepted, no.code) == (False, "already_handed_over")


async def test_a_signal_retries_a_stuck_payout(people: People) -> None:
    report_id = await stuck(people)

    await run_of(people, report_id).signal("retry", Ask(reason="the bank was wrong"))

    report = await people.system.until(f"/v1/reports/{report_id}", lambda seen: len(seen["payout"]["attempts"]) == 2)
    assert report["payout"]["attempts"][1]["ordinal"] == 2


async def test_a_reversal_asked_without_a_login_is_only_proposed(people: People) -> None:
    report_id = await stuck(people)

    await run_of(people, report_id).signal("reverse", Ask(reason="please"))

    report = await people.system.until(f"/v1/reports/{report_id}", lambda seen: seen["detail"]["cases"])
    assert [case["kind"] for case in report["detail"]["cases"]] == ["reverse_asked"]
    assert report["payout"]["state"] == "action_required"
    assert (await people.ask(report_id, "reverse")).status_code == 202
    await people.until(report_id, "reversed")


async def test_a_run_says_what_it_waits_for_and_is_found_by_its_payee(people: People) -> None:
    report_id = await stuck(people)
    run = run_of(people, report_id)

    # the rows say so a moment before the run has heard it
    status = await people.system.eventually(
        lambda: run.query("status", result_type=FlowStatus), lambda seen: seen.state == "action_required"
    )

    assert status.waiting_for == "the payee: retry, or another payout method"

    async def found() -> list[str]:
        query = f"Payee = '{people.payee['id']}' and State = 'action_required'"
        return [each.id async for each in people.system.house.temporal.list_workflows(query)]

    assert await people.system.eventually(found) == [run.id]


async def test_a_lost_run_is_found_started_again_and_told_of(people: People) -> None:
    report_id = await stuck(people)
    await run_of(people, report_id).terminate("somebody pressed the button")
    key = parse_public_id("rmr", report_id, field="report_id")
    database, organization_id = people.system.house.database, people.system.organization_id
    async with database.unit_of_work(organization_id, actor="test") as uow:
        # a command was committed, and whoever wakes the run was killed
        steps = reimbursement_steps(people.system.settings)
        row = await steps.lock(uow, key)
        await steps.command(uow, row, "method_changed", {"method_id": _method(people)})

    for quiet_for, state in ((600, "sending"), (0, "sent")):
        lost = LostPayouts(database, people.system.house.temporal, steps, after_seconds=quiet_for)
        await lost.look()
        await people.until(report_id, state)

    report = await people.system.get(f"/v1/reports/{report_id}")
    assert [(case["kind"], case["state"]) for case in report["detail"]["cases"]] == [("stranded", "open")]


def _method(people: People) -> str:
    """The payee's good account, as the database names it."""
    return str(parse_public_id("pm", people.method["id"], field="method_id"))


async def test_a_terminated_run_goes_on_from_the_rows_when_it_is_woken(people: People) -> None:
    report_id = await stuck(people)
    await run_of(people, report_id).terminate("somebody pressed the button")

    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})

    report = await people.until(report_id, "sent")
    assert [attempt["state"] for attempt in report["payout"]["attempts"]] == ["refused", "applied"]
