"""Payouts in the API: HCB's PayoutHolding with its ExpensePayouts and every attempt to pay it out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.fields import ResponseModel
from domain.ids import public_id
from domain.payout import FundingState, PayoutState, hcb_funding_state, hcb_holding_state
from domain.reimbursement_lines import clearing


class ExpensePayoutView(ResponseModel):
    """A book transfer from FS Main to FS Operating for one expense; `amount` is negative."""

    id: str
    expense_id: str
    amount: int
    state: FundingState
    hcb_state: str


class PayoutAttemptView(ResponseModel):
    """One try of paying the payee. `state` is its money call's; `returned` when the money came back.

    `stage` is the rail's own word for how far it is (`initiated`, `mailed`). `owner_id` and `due_at` are of an attempt
    that a person hands over. `fee` is what the rail took for it beside the amount, in minor units: the house's.
    """

    ordinal: int
    kind: str
    payout_method_id: str
    state: str
    stage: str | None
    code: str | None
    message: str | None
    rail_id: str | None
    money_call_id: str | None
    paid_at: datetime | None
    fee: int
    owner_id: str | None
    due_at: datetime | None


class PayoutView(ResponseModel):
    """A payout holding. `clearing_account` is where the ledger shows what is owed to it."""

    id: str
    report_id: str
    amount: int
    currency: str
    state: PayoutState
    hcb_state: str
    funding_state: FundingState
    payout_method_id: str
    code: str | None
    message: str | None
    who_must_act: str | None
    waits_since: datetime | None
    reminders: int
    clearing_account: str
    expense_payouts: list[ExpensePayoutView]
    attempts: list[PayoutAttemptView]
    sent_at: datetime | None
    settled_at: datetime | None
    returned_at: datetime | None
    created_at: datetime


def payout_view(
    row: Mapping[Any, Any],
    expense_payouts: Sequence[Mapping[Any, Any]],
    attempts: Sequence[Mapping[Any, Any]],
    *,
    on_its_way: bool,
) -> PayoutView:
    """A payout from its rows; `on_its_way` says whether a book transfer of it was sent and is not settled."""
    return PayoutView(
        id=public_id("rph", row["id"]),
        report_id=public_id("rmr", row["report_id"]),
        amount=row["amount"],
        currency=row["currency"],
        state=row["state"],
        hcb_state=hcb_holding_state(row["state"], row["funding"], on_its_way=on_its_way),
        funding_state=row["funding"],
        payout_method_id=public_id("pm", row["method_id"]),
        code=row["code"],
        message=row["message"],
        who_must_act=row["must_act"],
        waits_since=row["stuck_at"],
        reminders=row["reminders"],
        clearing_account=clearing(row["id"]),
        expense_payouts=[
            ExpensePayoutView(
                id=public_id("rep", payout["id"]),
                expense_id=public_id("rex", payout["expense_id"]),
                amount=payout["amount"],
                state=payout["state"],
                hcb_state=hcb_funding_state(payout["state"], on_its_way=on_its_way),
            )
            for payout in expense_payouts
            if payout["holding_id"] == row["id"]
        ],
        attempts=[_attempt_view(attempt) for attempt in attempts if attempt["holding_id"] == row["id"]],
        sent_at=row["sent_at"],
        settled_at=row["settled_at"],
        returned_at=row["returned_at"],
        created_at=row["created_at"],
    )


def _attempt_view(row: Mapping[Any, Any]) -> PayoutAttemptView:
    return PayoutAttemptView(
        ordinal=row["ordinal"],
        kind=row["kind"],
        stage=row["stage"],
        payout_method_id=public_id("pm", row["method_id"]),
        state="returned" if row["returned_at"] is not None else row["call_state"] or "recorded",
        code=row["returned_code"] or row["code"],
        message=row["returned_reason"] or row["message"],
        rail_id=row["rail_id"],
        money_call_id=None if row["money_call_id"] is None else public_id("mc", row["money_call_id"]),
        paid_at=row["paid_at"],
        fee=row["fee"],
        owner_id=None if row["owner_id"] is None else public_id("opr", row["owner_id"]),
        due_at=row["due_at"],
    )
