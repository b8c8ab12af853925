"""What each command would do: read from the API, changing nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cli.api import Api
from domain.childcare_limits import CURRENCY
from domain.childcare_month import month_of
from domain.childcare_share import share_of_month
from domain.money import Money

STOPPED = ("funding_stopped", "payout_stopped", "giving_back_stopped", "returned")


@dataclass(frozen=True, slots=True)
class DueMonth:
    """A child that has no allocation of the month yet, and what it would get, in cents."""

    child_id: str
    name: str
    amount: int
    basis: str


def months_due(api: Api, month: date, child_id: str | None) -> list[DueMonth]:
    """Children that are enabled, in care by then, have a monthly amount, and no allocation of the month."""
    allocated = {item["child_id"] for item in api.all("/v1/allocations", month=month.isoformat())}
    if child_id is None:
        children: Iterator[Any] = api.all("/v1/children")
    else:
        children = iter([api.get(f"/v1/children/{child_id}")])
    due = []
    for child in children:
        if child["id"] in allocated or not child["payment_enabled"] or child["monthly_amount"] is None:
            continue
        first = child["first_month_amount"]
        starts_on = None if child["starts_on"] is None else date.fromisoformat(child["starts_on"])
        if starts_on is not None and month_of(starts_on) > month:
            continue
        share = share_of_month(
            Money.parse(child["monthly_amount"], CURRENCY, field="monthly_amount"),
            None if first is None else Money.parse(first, CURRENCY, field="first_month_amount"),
            starts_on,
            month,
        )
        due.append(DueMonth(child["id"], child["name"], share.money.minor_units, share.basis))
    return due


def stopped_payments(api: Api, payment_id: str | None, since: date | None) -> list[Any]:
    """Payments that stopped and may be retried, oldest first."""
    if payment_id is not None:
        return [api.get(f"/v1/provider-payments/{payment_id}")]
    found = [item for state in STOPPED for item in api.all("/v1/provider-payments", state=state)]
    wanted = [item for item in found if since is None or item["created_at"][:10] >= since.isoformat()]
    return sorted(wanted, key=lambda item: str(item["id"]))


def unused(api: Api, month: date, child_id: str | None) -> list[Any]:
    """Funded allocations of a month with something free."""
    listed = api.all("/v1/allocations", month=month.isoformat(), child_id=child_id, funding_state="funded")
    return [item for item in listed if item["remaining_unselected_cents"] > 0]


def unfunded(api: Api, month: date | None, child_id: str | None) -> list[Any]:
    """Allocations whose funding stopped, oldest first."""
    named = None if month is None else month.isoformat()
    listed = api.all("/v1/allocations", month=named, child_id=child_id, funding_state="unfunded")
    return sorted((item for item in listed if item["code"] is not None), key=lambda item: str(item["id"]))
