"""Reports and expenses in the API, with HCB's state names beside ours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.fields import Currency, Line, PositiveAmount, RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from api.schemas.payout import PayoutView
from domain.ids import public_id
from domain.report import HCB_STATES, ReportState

Text = Annotated[str, Field(max_length=2000)]


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


class NewExpense(RequestModel):
    """One thing that the payee paid for."""

    memo: Line = Field(examples=["Train to the workshop"])
    amount: PositiveAmount
    description: Text = ""
    spent_on: date | None = None


class Review(RequestModel):
    """Which expenses are approved; without a list, all of them."""

    expense_ids: Annotated[list[str], Field(min_length=1, max_length=200)] | None = None


class MethodChoice(RequestModel):
    """The payee's method by which this payout is to be paid now."""

    payout_method_id: str = Field(examples=["pm_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])


class ExpenseView(ResponseModel):
    """An expense."""

    id: str
    number: int
    memo: str
    description: str
    spent_on: date | None
    amount: int
    state: Literal["pending", "approved"]
    approved_at: datetime | None


class ReportView(ResponseModel):
    """A report. `amount` is what is approved once it was reviewed, before that the sum of its expenses."""

    id: str
    payee_id: str
    payout_method_id: str | None
    name: str
    amount: int
    currency: str
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


def expense_view(row: Mapping[Any, Any]) -> ExpenseView:
    """An expense from its row."""
    return ExpenseView(
        id=public_id("rex", row["id"]),
        number=row["number"],
        memo=row["memo"],
        description=row["description"],
        spent_on=row["spent_on"],
        amount=row["amount"],
        state=row["state"],
        approved_at=row["approved_at"],
    )


def report_view(
    row: Mapping[Any, Any],
    expenses: Sequence[Mapping[Any, Any]],
    payout: PayoutView | None,
    links: Links,
    detail: FlowDetail | None = None,
) -> ReportView:
    """A report from its rows."""
    state = ReportState(row["state"])
    own = [expense for expense in expenses if expense["report_id"] == row["id"]]
    reviewed = row["reimbursement_requested_at"] is not None
    return ReportView(
        id=public_id("rmr", row["id"]),
        payee_id=public_id("payee", row["payee_id"]),
        payout_method_id=None if row["method_id"] is None else public_id("pm", row["method_id"]),
        name=row["name"],
        amount=sum(e["amount"] for e in own if not reviewed or e["state"] == "approved"),
        currency=row["currency"],
        state=state,
        hcb_state=HCB_STATES[state],
        message=row["message"],
        expenses=[expense_view(expense) for expense in own],
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
