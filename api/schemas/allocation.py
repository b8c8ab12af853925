"""Month allocations in the API, under the names that the programme uses for the parts of a budget."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from api.fields import Currency, RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from db.queries.allocation import budget
from domain.childcare_share import Basis
from domain.ids import public_id

Amount = Annotated[int, Strict(), Field(ge=0, le=10**15, description="whole number of minor units", examples=[140000])]
Balances = Annotated[dict[str, Annotated[int, Strict()]], Field(min_length=1, max_length=10)]


class NewAllocation(RequestModel):
    """A child's budget for a month, which is named by its first day. Nothing is a valid amount.

    Without an amount it is the child's monthly amount, or its share of the month in which care starts.
    """

    child_id: str = Field(examples=["child_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    month: date = Field(examples=["2025-11-01"])
    amount: Amount | None = None
    currency: Currency = "USD"


class AllocationView(ResponseModel):
    """A child's month: the budget, and whether its money has reached the family's wallet."""

    id: str
    child_id: str
    family_id: str
    program_id: str
    month: date
    currency: str
    allocation_cents: int
    basis: Basis
    reclaimed_cents: int
    selected_cents: int
    paid_cents: int
    remaining_unselected_cents: int
    remaining_unpaid_cents: int
    funding_state: Literal["unfunded", "funding", "funded"]
    funded_at: datetime | None
    code: str | None
    message: str | None
    who_must_act: str | None
    created_at: datetime
    links: Links
    detail: FlowDetail | None = None


class AcceptBalances(RequestModel):
    """The balances that the open case shows last: what others moved is booked, and the step is tried anew."""

    reason: str = Field(min_length=5, max_length=500)
    balances: Balances = Field(description="wallet to cents", examples=[{"user:1001": 135000}])


def allocation_view(row: Mapping[Any, Any], links: Links, detail: FlowDetail | None = None) -> AllocationView:
    """An allocation from its row."""
    parts = budget(row)
    return AllocationView(
        id=public_id("alloc", row["id"]),
        child_id=public_id("child", row["child_id"]),
        family_id=public_id("fam", row["family_id"]),
        program_id=public_id("prog", row["program_id"]),
        month=row["month"],
        currency=row["currency"],
        allocation_cents=parts.allocation,
        basis=row["basis"],
        reclaimed_cents=parts.reclaimed,
        selected_cents=parts.selected,
        paid_cents=parts.paid,
        remaining_unselected_cents=parts.remaining_unselected,
        remaining_unpaid_cents=parts.remaining_unpaid,
        funding_state=row["funding_state"],
        funded_at=row["funded_at"],
        code=row["code"],
        message=row["message"],
        who_must_act=row["must_act"],
        created_at=row["created_at"],
        links=links,
        detail=detail,
    )
