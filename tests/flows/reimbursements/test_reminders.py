"""Who hears of a stuck payout, when, and how often: the payee by mail, we by a case, nobody of what mends itself."""

from functools import partial
from typing import Any

from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_payout_failed import NO_BANK

REMINDERS = 4


async def cases(people: People, report_id: str) -> list[str]:
    """The kinds of the report's cases."""
    report = await people.system.get(f"/v1/reports/{report_id}")
    return [case["kind"] for case in report["detail"]["cases"]]


def reminded(number: int, report: dict[str, Any]) -> bool:
    """Whether the payee was reminded so often."""
    return bool(report["payout"]["reminders"] >= number)


async def test_the_payee_is_reminded_until_another_method_is_chosen(people: People) -> None:
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(9_900)
    await people.until(report_id, "action_required")
    await people.system.eventually(people.mails)

    await people.system.advance_clock(days=3)

    mails = await people.system.eventually(people.mails, lambda found: len(found) == 2)
    assert {mail["recipients"][0] for mail in mails} == {f"maria{people.payee_account}@example.test"}
    assert sum("still have 99.00 USD" in mail["text"] for mail in mails) == 1
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert report["payout"]["reminders"] == 1
    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})
    await people.until(report_id, "sent")
    await people.system.advance_clock(days=60)
    await people.system.eventually(lambda: people.system.get(f"/v1/reports/{report_id}"))
    assert len(await people.mails()) == 2


async def test_the_reminders_end_and_an_operator_decides(people: People) -> None:
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(9_900)
    await people.until(report_id, "action_required")
    for number in range(1, REMINDERS + 1):
        # each is due at its own day; what is late comes once
        await people.system.advance_clock(days=17)
        await people.system.until(f"/v1/reports/{report_id}", partial(reminded, number))
    await people.system.advance_clock(days=90)

    await people.system.eventually(lambda: cases(people, report_id), lambda kinds: kinds == ["payout_unclaimed"])
    await people.system.eventually(people.mails, lambda found: len(found) == REMINDERS + 1)


async def test_what_waits_for_us_becomes_a_case_after_a_day_and_nobody_is_mailed(people: People) -> None:
    await people.add_method("990009403", default=True)
    report_id = await people.approved(5_000)
    await people.until(report_id, "action_required")
    assert await cases(people, report_id) == []

    await people.system.advance_clock(days=1)

    await people.system.eventually(lambda: cases(people, report_id), lambda kinds: kinds == ["payout_stuck"])
    assert await people.mails() == []
