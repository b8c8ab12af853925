"""Each proof about payouts in `bursar ledger check` sees what it is there for: rows changed behind every guard."""

from db.ledger.checks import payouts, reimbursements
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.proof import open_as_owner
from tests.flows.reimbursements.test_checks import at_the_bank, issued

BROKEN = (
    (reimbursements.clearing_equals_unpaid_payouts, "update money_call set returned_at = now() where step = 'payout'"),
    (reimbursements.reservations_belong_to_approved_reports, "update report set state = 'reimbursement_approved'"),
    (reimbursements.nobody_is_paid_more_than_approved, "update expense set amount = amount - 1"),
    (payouts.every_bank_debit_has_one_attempt, "delete from payout_attempt"),
    (payouts.outstanding_checks_are_attempts, "update payout_attempt set paid_at = null"),
    (payouts.bank_fees_are_attempts, "update payout_attempt set fee = 1"),
)


async def test_each_proof_about_payouts_sees_what_it_is_there_for(people: People) -> None:
    report_id, check = await issued(people)
    await at_the_bank(people, check, "cash")
    await people.until(report_id, "settled")
    owner = await open_as_owner(people.system)
    try:
        for prove, broken in BROKEN:
            assert await prove(owner) == [], broken
            change = owner.transaction()
            await change.start()
            await owner.execute("set local session_replication_role = replica")
            await owner.execute(broken)
            assert len(await prove(owner)) == 1, broken
            await change.rollback()
    finally:
        await owner.close()
