"""A report is reimbursed: the seed's 99 per cent."""

from functools import partial

from sqlalchemy import select

from db.tables.inbox import inbox_event
from domain.ids import parse_public_id
from tests.flows.reimbursements.people import People
from tests.wakes import wakes


async def test_a_report_is_funded_paid_and_reimbursed_once_the_bank_says_so(people: People) -> None:
    report_id = await people.approved(12_000, 3_450)

    sent = await people.until(report_id, "sent")

    assert sent["state"] == "reimbursing"
    assert sent["hcb_state"] == "reimbursed"
    payout = sent["payout"]
    assert payout["amount"] == 15_450
    assert (payout["funding_state"], payout["hcb_state"]) == ("settled", "sent")
    assert sorted(p["amount"] for p in payout["expense_payouts"]) == [-12_000, -3_450]
    books = await people.transfers("book")
    main, operating = "bacc_fs_main", "bacc_fs_operating"
    assert sorted((t["sender_bank_account_id"], t["receiver_bank_account_id"], t["amount"]) for t in books) == sorted(
        [(main, operating, 12_000), (main, operating, 3_450), (operating, main, 15_450)]
    )
    assert (await people.bank())["fs_operating"] == 0
    (transfer,) = await people.transfers("ach")
    assert (transfer["amount"], transfer["status"], transfer["last_four"]) == (15_450, "INITIATED", "6789")
    assert await people.balances(sent) == {
        "cash": 84_550,
        "fs_main": 84_550,
        "fs_operating": 0,
        "clearing": 0,
        "funding": 0,
    }

    await people.settle(transfer["id"])

    report = await people.until(report_id, "settled")
    assert report["state"] == "reimbursed"
    assert report["reimbursed_at"] is not None
    assert await people.mails() == []

    run = f"reimbursement/{parse_public_id('rmr', report_id, field='id')}"
    told = await wakes(people.system.house.database, people.system.organization_id, run)
    await people.system.advance_clock(days=5)
    await people.system.eventually(partial(_completed, people))
    assert await wakes(people.system.house.database, people.system.organization_id, run) == told, "it was over"


async def _completed(people: People) -> bool:
    """Whether the bank's last word on the transfer, days after it settled, was heard."""
    async with people.system.house.database.across_organizations(actor="test") as uow:
        state = select(inbox_event.c.state).where(inbox_event.c.kind == "ach.outgoing_transfer.completed")
        return [row["state"] for row in await uow.all(state)] == ["processed"]
