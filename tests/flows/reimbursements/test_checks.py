"""A payout by mailed check: issued, mailed, cashed, stopped, lost, given back. FS Main pays when it is cashed."""

from functools import partial
from typing import Any

import pytest

from domain.reimbursement_lines import OUTSTANDING_CHECKS
from tests.flows.reimbursements.people import WAYS, People
from tests.flows.reimbursements.test_doubt import fault, sends


async def issued(people: People, amount: int = 7_000) -> tuple[str, dict[str, Any]]:
    """A report whose check is out, and the check as the bank has it."""
    await people.add_way("check", default=True)
    report_id = await people.approved(amount)
    await people.until(report_id, "sent")
    (check,) = await people.transfers("check")
    return report_id, check


async def at_the_bank(people: People, check: dict[str, Any], what: str) -> None:
    answer = await people.system.control.post(f"/column/checks/{check['id']}/{what}")
    assert answer.is_success, answer.text


async def books(people: People, report: dict[str, Any]) -> tuple[int, int, int]:
    """FS Main, the checks that are out, and what is owed to the payout."""
    balances = await people.balances(report)
    return balances["fs_main"], await people.booked(OUTSTANDING_CHECKS), balances["clearing"]


async def stage(people: People, report_id: str, wanted: str) -> dict[str, Any]:
    """The report once its present attempt is at this stage."""
    seen: dict[str, Any] = await people.system.until(
        f"/v1/reports/{report_id}", lambda report: report["payout"]["attempts"][-1]["stage"] == wanted
    )
    return seen


async def test_a_check_is_mailed_and_the_bank_pays_when_it_is_cashed(people: People) -> None:
    report_id, check = await issued(people)
    assert (check["payee_name"], check["positive_pay_amount"]) == ("Maria Keller 1", 7_000)
    assert check["mail_check_request"]["payee_address"]["line_1"] == "12 Main Street"
    report = await stage(people, report_id, "issued")
    assert report["state"] == "reimbursing"
    assert await books(people, report) == (100_000, -7_000, 0)
    await people.prove_books()

    await at_the_bank(people, check, "mail")
    await stage(people, report_id, "mailed")
    await at_the_bank(people, check, "cash")

    report = await people.until(report_id, "settled")
    assert report["state"] == "reimbursed"
    assert await books(people, report) == (93_000, 0, 0)
    assert report["payout"]["attempts"][0]["paid_at"] is not None


async def test_a_check_whose_answer_is_lost_is_issued_once(people: People) -> None:
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    await fault(people, "check_transfers.issue", "cut_after")

    report_id, check = await issued(people)

    received = await sends(people, "check_transfers.issue")
    assert [call["took_effect"] for call in received] == [True, False]
    assert len({call["reference"] for call in received}) == 1
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert report["payout"]["attempts"][0]["rail_id"] == check["id"]


async def test_a_check_is_stopped_and_the_payout_is_paid_another_way(people: People) -> None:
    report_id, _ = await issued(people)
    assert (await people.ask(report_id, "reverse")).json()["code"] == "payout_holding_not_failed"

    assert (await people.ask(report_id, "stop", {"reason": "lost in the mail"})).status_code == 202

    report = await people.until(report_id, "returned")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("stopped", "operator")
    assert (await people.transfers("check"))[0]["status"] == "STOPPED"
    assert await books(people, report) == (100_000, 0, 7_000)
    assert (await people.ask(report_id, "stop")).json()["code"] == "nothing_to_stop"
    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})
    report = await people.until(report_id, "sent")
    assert [(a["kind"], a["state"]) for a in report["payout"]["attempts"]] == [
        ("check", "returned"),
        ("ach", "applied"),
    ]
    assert await people.mails() == []


async def test_a_stop_whose_answer_is_lost_is_found_out_from_the_check(people: People) -> None:
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    report_id, _ = await issued(people)
    for number, (kind, stopped) in enumerate((("cut_before", False), ("cut_after", True)), 1):
        await fault(people, "check_transfers.stop_payment", kind)
        assert (await people.ask(report_id, "stop")).status_code == 202
        await people.system.until(
            f"/v1/reports/{report_id}",
            partial(asked, number),
        )
        report = await people.system.get(f"/v1/reports/{report_id}")
        assert stops(report)[-1]["state"] == ("applied" if stopped else "refused")
        assert (report["payout"]["state"] == "returned") == stopped
    assert len(await sends(people, "check_transfers.stop_payment")) == 2
    await people.system.control.post("/column/webhooks/release", json={})
    await people.reverse(report_id)


FINAL = ("applied", "refused")


def asked(times: int, report: dict[str, Any]) -> bool:
    """Whether it was asked to be stopped so often, and what became of each is known."""
    return [call["state"] in FINAL for call in stops(report)] == [True] * times


def stops(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The report's calls that stop something, oldest first."""
    return [call for call in report["detail"]["money_calls"] if call["step"].startswith("stop/")]


async def test_a_check_that_is_cashed_meanwhile_stays_paid(people: People) -> None:
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    report_id, check = await issued(people)
    await at_the_bank(people, check, "cash")

    await people.ask(report_id, "stop")

    report = await people.system.until(f"/v1/reports/{report_id}", lambda seen: seen["payout"]["code"] is not None)
    assert (report["payout"]["state"], report["payout"]["code"]) == ("sent", "check_transfer_invalid_status")
    await people.system.control.post("/column/webhooks/release", json={})
    report = await people.until(report_id, "settled")
    assert report["payout"]["code"] is None


async def test_a_check_that_the_post_gives_back_is_in_the_way_until_it_is_stopped(people: People) -> None:
    report_id, check = await issued(people)

    await at_the_bank(people, check, "come-back")

    report = await people.until(report_id, "action_required")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("check_undeliverable", "operator")
    for verb, body in (
        ("reverse", None),
        ("retry", None),
        ("payout-method", {"payout_method_id": people.method["id"]}),
    ):
        assert (await people.ask(report_id, verb, body)).json()["code"] == "check_present"
    await people.ask(report_id, "stop")
    report = await people.until(report_id, "returned")
    assert report["payout"]["who_must_act"] == "payee"
    (mail,) = await people.system.eventually(people.mails)
    assert "The post could not deliver the check." in mail["text"]
    assert "ZIP code ends in 5401" in mail["text"]
    await people.reverse(report_id)


async def test_a_check_that_the_bank_rejects_goes_to_the_operator(people: People) -> None:
    report_id, check = await issued(people)
    await at_the_bank(people, check, "reject")
    report = await people.until(report_id, "returned")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("rejected", "operator")
    assert await people.mails() == []


async def test_a_cashed_check_that_is_given_back_is_owed_again(people: People) -> None:
    report_id, check = await issued(people)
    await at_the_bank(people, check, "cash")
    await people.until(report_id, "settled")

    await at_the_bank(people, check, "return")

    report = await people.until(report_id, "returned")
    assert report["state"] == "reimbursing"
    assert await books(people, report) == (100_000, 0, 7_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [("state", "XX"), ("postal_code", "5401"), ("line_1", "x" * 51), ("city", ""), ("email", "a@b.test")],
)
async def test_an_address_that_cannot_be_mailed_to_names_its_field(people: People, field: str, value: str) -> None:
    body = {"kind": "check", **WAYS["check"], field: value}
    answer = await people.system.api.post(
        f"/v1/payees/{people.payee['id']}/payout-methods", json=body, headers={"Idempotency-Key": "k1"}
    )
    assert (answer.status_code, answer.json()["field"]) == (422, f"/{field}")
