"""Recurring debits: charged on their dates, told before and after, whatever happens in between (seed 003, § 11)."""

from datetime import date

from tests.flows.ach_authorizations.payers import Payers, charged, notices, periods


async def test_the_first_charge_is_on_the_start_date_with_a_copy_before_and_a_receipt_after(payers: Payers) -> None:
    authorization = await payers.authorized()
    seen = await payers.until(authorization, charged(1))
    assert seen["detail"]["periods"][-1]["period_on"] == seen["starts_on"]
    taken = await payers.taken()
    assert [(entry["tran_type"], entry["amount"]) for entry in taken] == [("CKC2", 15_000)]
    debit = await payers.system.get(f"/v1/ach-debits/{seen['detail']['periods'][-1]['transaction_id']}")
    assert (debit["authorization_id"], debit["authorization_basis"]) == (authorization["id"], "written")
    copy = await payers.mail("Your authorization")
    assert "Piano lessons" in copy["text"]
    receipt = await payers.mail("Receipt")
    assert debit["id"] in receipt["text"]
    assert notices(seen, "receipt")[0]["due_on"] > debit["business_date"]
    assert date.fromisoformat(periods(seen)[0][0]) == date.fromisoformat(seen["starts_on"])
