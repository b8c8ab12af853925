"""Reports and expenses in the API, with HCB's state names beside ours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.fields import Currency, Line, PositiveAmount, RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from api.schemas.payout import PayoutView
from api.schemas.receipt import ExpenseWarning, ReceiptView
from domain.ids import public_id
from domain.mileage import show_cents, show_miles
from domain.report import HCB_STATES, ReportState, approval_hash, to_be_paid

Text = Annotated[str, Field(max_length=2000)]
ContentHash = Annotated[
    str | None,
    Field(
        pattern="^[0-9a-f]{64}$",
        description="the report's `content_hash` as it was seen; another one is refused as `report_changed`",
        examples=[None],
    ),
]


class NewReport(RequestModel):
    """A draft. Without a payout method it takes the payee's default."""

    payee_id: str = Field(examples=["payee_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    name: Line | None = Field(default=None, description='default: "Expenses from <today>"')
    currency: Currency = "USD"
    payout_method_id: str | None = None


class ReportEdit(RequestModel):
    """What a draft lets change."""

    name: Line | None = None
    payout_method_id: str | None = None


class ReportMaximum(RequestModel):
    """Most that the report may come to; null: only the organization's maximum holds."""

    maximum: PositiveAmount | None


class NewExpense(RequestModel):
    """One thing that the payee paid for, or a distance driven: that has `miles` and the day of travel, no amount."""

    kind: Literal["ordinary", "mileage"] = "ordinary"
    memo: Line = Field(examples=["Train to the workshop"])
    amount: PositiveAmount | None = Field(default=None, description="of an ordinary expense, minor units")
    miles: str | None = Field(
        default=None,
        max_length=9,
        description="of mileage: a decimal with at most two places, below a million",
        examples=[None],
    )
    description: Text = ""
    spent_on: date | None = Field(default=None, description="day of the purchase, or of the travel")


class Review(RequestModel):
    """Which expenses are approved; without a list, all of them."""

    expense_ids: Annotated[list[str], Field(min_length=1, max_length=200)] | None = None
    content_hash: ContentHash = None


class Approval(RequestModel):
    """What the approver saw."""

    content_hash: ContentHash = None


class MethodChoice(RequestModel):
    """The payee's method by which this payout is to be paid now."""

    payout_method_id: str = Field(examples=["pm_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])


class ExpenseView(ResponseModel):
    """An expense."""

    id: str
    number: int
    kind: Literal["ordinary", "mileage"]
    memo: str
    description: str
    spent_on: date | None
    amount: int
    miles: str | None
    cents_per_mile: str | None
    rate_source: str | None
    state: Literal["pending", "approved"]
    approved_at: datetime | None
    receipts: list[ReceiptView]
    warnings: list[ExpenseWarning]


class ReportView(ResponseModel):
    """A report. `amount` is what is approved once it was reviewed, before that the sum of its expenses.

    `content_hash` is what an approval binds to: payee, method, and kind, amount, mileage and receipts of each expense
    that `amount` counts.
    """

    id: str
    payee_id: str
    payout_method_id: str | None
    name: str
    amount: int
    currency: str
    maximum: int | None
    content_hash: str
    state: ReportState
    hcb_state: str
    message: str | None
    expenses: list[ExpenseView]
    payout: PayoutView | None
    submitted_at: datetime | None
    reimbursement_requested_at: datetime | None
    reimbursement_approved_at: datetime | None
    reimbursed_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    links: Links
    detail: FlowDetail | None = None


def seen_hash(text: str | None) -> bytes | None:
    """The hash of what was seen."""
    return None if text is None else bytes.fromhex(text)


def expense_view(row: Mapping[Any, Any], receipts: list[ReceiptView], warnings: list[ExpenseWarning]) -> ExpenseView:
    """An expense from its row."""
    return ExpenseView(
        id=public_id("rex", row["id"]),
        number=row["number"],
        kind=row["kind"],
        memo=row["memo"],
        description=row["description"],
        spent_on=row["spent_on"],
        amount=row["amount"],
        miles=None if row["distance"] is None else show_miles(row["distance"]),
        cents_per_mile=None if row["rate"] is None else show_cents(row["rate"]),
        rate_source=row["rate_source"],
        state=row["state"],
        approved_at=row["approved_at"],
        receipts=receipts,
        warnings=warnings,
    )


def report_view(
    row: Mapping[Any, Any],
    expenses: Sequence[Mapping[Any, Any]],
    shown: Mapping[UUID, ExpenseView],
    payout: PayoutView | None,
    links: Links,
    detail: FlowDetail | None = None,
) -> ReportView:
    """A report from its rows."""
    state = ReportState(row["state"])
    own = [expense for expense in expenses if expense["report_id"] == row["id"]]
    paid = to_be_paid(own)
    return ReportView(
        id=public_id("rmr", row["id"]),
        payee_id=public_id("payee", row["payee_id"]),
        payout_method_id=None if row["method_id"] is None else public_id("pm", row["method_id"]),
        name=row["name"],
        amount=sum(expense["amount"] for expense in paid),
        currency=row["currency"],
        maximum=row["maximum"],
        content_hash=approval_hash(row, paid, row["method_id"]).hex(),
        state=state,
        hcb_state=HCB_STATES[state],
        message=row["message"],
        expenses=[shown[expense["id"]] for expense in own],
        payout=payout,
        submitted_at=row["submitted_at"],
        reimbursement_requested_at=row["reimbursement_requested_at"],
        reimbursement_approved_at=row["reimbursement_approved_at"],
        reimbursed_at=row["reimbursed_at"],
        ended_at=row["ended_at"],
        created_at=row["created_at"],
        links=links,
        detail=detail,
    )
