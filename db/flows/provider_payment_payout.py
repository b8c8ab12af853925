"""What a bank does to a payout that Chek took in: it settles it, or sends it back, in the end or long afterwards."""

from collections.abc import Mapping
from typing import Any

from db.flows.base import FlowRow
from db.flows.childcare_mail import tell_returned
from db.queries import allocation as allocations
from db.queries import chek_wallet
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_accounts import CHEK_CASH, CHEK_IN_TRANSIT, provider_wallet
from domain.money_call import LedgerLine
from domain.provider_payment import MADE, PaymentState
from domain.return_codes import who_acts_on_returned_credit

RETURN_CASE = "payout_returned"


def step_ends_return(step: str, outcome: str) -> bool:
    """Whether with this outcome the money that came back has gone on: out again, or back to the family."""
    return outcome == "applied" and step in ("pay_out", "give_back")


async def settle(uow: UnitOfWork, row: FlowRow, payment: Mapping[Any, Any]) -> bool:
    """The bank account has it: the money has left Chek. The intent's row is locked. False where that was known."""
    if row["state"] != PaymentState.PAID or payment["settled_at"] is not None:
        return False
    now = await uow.business_now()
    await queries.change_payment(uow, payment["id"], settled_at=now)
    await queries.change(uow, row["id"], "settled", state=PaymentState.SETTLED)
    await uow.ledger.post(
        f"{queries.FLOW}/{row['id']}/settled/{payment['id']}",
        "provider_payout_settled",
        payment["currency"],
        [LedgerLine(CHEK_IN_TRANSIT, CHEK_CASH, payment["amount_cents"])],
        now.date(),
        description="The payout is at the bank",
        fact=True,
    )
    return True


async def come_back(
    uow: UnitOfWork, row: FlowRow, payment: Mapping[Any, Any], code: str | None, *, staff: str = ""
) -> bool:
    """The bank sent it back: it is in the provider's wallet again, and the allocation has not paid it.

    The intent's row is locked. The days or the lump sum may be paid again: by a retry out of the provider's wallet, or
    by another payment once the money was given back to the family. Provider, family and `staff` (an address) are told.
    False where the return was known.
    """
    if row["state"] not in MADE or payment["returned_at"] is not None:
        return False
    await allocations.get(uow, row["allocation_id"], lock=True)
    attempt = next(
        item for item in await queries.attempts(uow, row["id"]) if item["id"] == payment["payment_attempt_id"]
    )
    await chek_wallet.lock_users(uow, [attempt["provider_chek_user_id"]])
    now = await uow.business_now()
    await uow.money_calls.returned(payment["money_call_id"])
    await queries.change_payment(uow, payment["id"], returned_at=now, return_code=code)
    must_act = who_acts_on_returned_credit(code)
    message = f"The provider's bank sent the payout back{f' ({code})' if code else ''}."
    await queries.change(
        uow,
        row["id"],
        "returned",
        state=PaymentState.RETURNED,
        ended_at=None,
        code=code or "returned",
        message=message,
        must_act=must_act,
    )
    evidence = {"money_call_id": payment["money_call_id"], "code": code, "must_act": must_act}
    await uow.open_case(RETURN_CASE, queries.FLOW, row["id"], message, evidence)
    await tell_returned(uow, await queries.get(uow, row["id"]), payment["id"], code, staff)
    # not settled: it was still on its way. Settled: the bank brought it to Chek again
    came_from = CHEK_IN_TRANSIT if payment["settled_at"] is None else CHEK_CASH
    await uow.ledger.post(
        f"{queries.FLOW}/{row['id']}/returned/{payment['id']}",
        "provider_payout_returned",
        payment["currency"],
        [LedgerLine(came_from, provider_wallet(row["provider_id"]), payment["amount_cents"])],
        now.date(),
        description=message,
        fact=True,
    )
    return True
