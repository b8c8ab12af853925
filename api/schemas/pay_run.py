"""Pay runs in the API: what is due, where a run stands, and each of its pairs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from api.fields import RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from domain.childcare_limits import CURRENCY
from domain.ids import public_id
from domain.pay_run import MOST_WIDTH, WIDTH, PayRunState, Standing


class NewPayRun(RequestModel):
    """The programme and the days, both included."""

    program_id: str = Field(examples=["prog_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    first_day: date
    last_day: date
    width: Annotated[int, Field(ge=1, le=MOST_WIDTH, description="payments under way at once", examples=[8])] = WIDTH


class DuePairView(ResponseModel):
    """One provider and one child's month, with the days that nobody submitted yet."""

    provider_id: str
    child_id: str
    family_id: str
    allocation_id: str
    days: int
    amount: int
    currency: str


class DueView(ResponseModel):
    """What a run would pay now."""

    pairs: int
    days: int
    amount: int
    currency: str
    data: list[DuePairView]


class Share(ResponseModel):
    """How many pairs stand somewhere, and what they come to."""

    pairs: int
    amount: int


class PayRunView(ResponseModel):
    """A run. `progress` counts its pairs by where they are now; what is not there is none."""

    id: str
    program_id: str
    first_day: date
    last_day: date
    width: int
    state: PayRunState
    total: Share
    progress: dict[Standing, Share]
    percent: int = Field(description="of the pairs, those for which nothing is under way and nothing waits")
    currency: str
    created_at: datetime
    ended_at: datetime | None
    links: Links
    detail: FlowDetail | None = None


class PairView(ResponseModel):
    """A pair of a run; `code`, `message` and `who_must_act` are its payment's, once it has one."""

    id: str
    standing: Standing
    provider_id: str
    child_id: str
    family_id: str
    allocation_id: str
    provider_payment_id: str | None
    days: int
    amount: int
    currency: str
    code: str | None
    message: str | None
    who_must_act: str | None


def due_view(rows: Sequence[Mapping[Any, Any]]) -> DueView:
    """What is due, from the rows of its pairs."""
    pairs = [
        DuePairView(**_people(row), days=row["days"], amount=int(row["amount_cents"]), currency=CURRENCY)
        for row in rows
    ]
    return DueView(
        pairs=len(pairs),
        days=sum(pair.days for pair in pairs),
        amount=sum(pair.amount for pair in pairs),
        currency=CURRENCY,
        data=pairs,
    )


def pay_run_view(
    row: Mapping[Any, Any],
    progress: Mapping[str, tuple[int, int]],
    links: Links,
    detail: FlowDetail | None = None,
) -> PayRunView:
    """A run from its row and the count of its pairs."""
    total = sum(pairs for pairs, _ in progress.values())
    left = sum(progress.get(standing, (0, 0))[0] for standing in (Standing.WAITING, Standing.PAYING))
    return PayRunView(
        id=public_id("prun", row["id"]),
        program_id=public_id("prog", row["program_id"]),
        total=Share(pairs=total, amount=sum(cents for _, cents in progress.values())),
        progress={Standing(name): Share(pairs=pairs, amount=cents) for name, (pairs, cents) in progress.items()},
        percent=100 * (total - left) // total if total else 100,
        currency=CURRENCY,
        links=links,
        detail=detail,
        **{name: row[name] for name in ("first_day", "last_day", "width", "state", "created_at", "ended_at")},
    )


def pair_view(row: Mapping[Any, Any]) -> PairView:
    """A pair from its row."""
    payment_id = row["payment_intent_id"]
    return PairView(
        id=public_id("pair", row["id"]),
        standing=row["standing"],
        provider_payment_id=None if payment_id is None else public_id("ppay", payment_id),
        days=row["days"],
        amount=row["amount_cents"],
        currency=CURRENCY,
        code=row["shown_code"],
        message=row["shown_message"],
        who_must_act=row["shown_must_act"],
        **_people(row),
    )


def _people(row: Mapping[Any, Any]) -> dict[str, str]:
    named = {"provider_id": "prov", "child_id": "child", "family_id": "fam", "allocation_id": "alloc"}
    return {field: public_id(prefix, row[field]) for field, prefix in named.items()}
