"""Which months are to be allocated and which would be refused, by each programme's own date and rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cli.api import Api
from domain.childcare_limits import CURRENCY, require_allocatable, require_allocation
from domain.childcare_month import following, month_of
from domain.childcare_share import Share, share_of_month
from domain.errors import BursarError, StateConflict
from domain.money import Money


@dataclass(frozen=True, slots=True)
class DueMonth:
    """A child that has no allocation of the month yet: what it would get, in cents, or why it would be refused."""

    child_id: str
    month: date
    amount: int = 0
    basis: str = ""
    code: str = ""


def programs(api: Api) -> dict[str, Any]:
    """The programmes by id; `today` is the date of each by the API's clock and in its own zone."""
    return {owner["id"]: owner for owner in api.all("/v1/programs")}


def months_due(api: Api, month: date | None, child_id: str | None, *, following_one: bool = False) -> list[DueMonth]:
    """Children without an allocation of the month, which is the present one of each child's programme unless named.

    Who is not enabled, has no monthly amount or is not in care by then is left out, unless it is the child that was
    asked for: then the code says why nothing can be allocated.
    """
    known = programs(api)
    children: Iterator[Any] = (
        api.all("/v1/children") if child_id is None else iter([api.get(f"/v1/children/{child_id}")])
    )
    allocated: dict[date, set[str]] = {}
    due = []
    for child in children:
        owner = known[child["program_id"]]
        wanted = month or _present(owner, following_one=following_one)
        if wanted not in allocated:
            listed = api.all("/v1/allocations", month=wanted.isoformat(), child_id=child_id)
            allocated[wanted] = {item["child_id"] for item in listed}
        if child["id"] in allocated[wanted] or (child_id is None and not _is_subsidised(child, wanted)):
            continue
        due.append(_due(child, owner, wanted))
    return due


def _present(owner: Any, *, following_one: bool) -> date:
    month = month_of(date.fromisoformat(owner["today"]))
    return following(month) if following_one else month


def _is_subsidised(child: Any, month: date) -> bool:
    starts_on = _date(child["starts_on"])
    is_in_care = starts_on is None or month_of(starts_on) <= month
    return child["payment_enabled"] and child["monthly_amount"] is not None and is_in_care


def _due(child: Any, owner: Any, month: date) -> DueMonth:
    """As the API would decide it, in its order."""
    try:
        require_allocatable(month, date.fromisoformat(owner["today"]), _date(owner["last_month"]), field="month")
        if not child["payment_enabled"]:
            raise StateConflict("payment_disabled", "The child is not enabled for payments.")
        share = _share(child, month)
        require_allocation(share.money.minor_units, owner["cap"], field="amount")
    except BursarError as refusal:
        return DueMonth(child["id"], month, code=refusal.code)
    return DueMonth(child["id"], month, share.money.minor_units, share.basis)


def _share(child: Any, month: date) -> Share:
    if child["monthly_amount"] is None:
        raise StateConflict("amount_unknown", "The child has no monthly amount.")
    first = child["first_month_amount"]
    return share_of_month(
        Money.parse(child["monthly_amount"], CURRENCY, field="monthly_amount"),
        None if first is None else Money.parse(first, CURRENCY, field="first_month_amount"),
        _date(child["starts_on"]),
        month,
    )


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
