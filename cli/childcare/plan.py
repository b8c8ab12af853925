"""What each command would do: read from the API, changing nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cli.api import Api
from cli.childcare.months import programs
from domain.childcare_month import following

STOPPED = ("funding_stopped", "payout_stopped", "giving_back_stopped", "returned")


def stopped_payments(api: Api, payment_id: str | None, since: date | None) -> list[Any]:
    """Payments that stopped and may be retried, oldest first; `since` is a date of their programme."""
    if payment_id is not None:
        return [api.get(f"/v1/provider-payments/{payment_id}")]
    found = [item for state in STOPPED for item in api.all("/v1/provider-payments", state=state)]
    if since is not None:
        zones = {owner["id"]: ZoneInfo(owner["time_zone"]) for owner in programs(api).values()}
        found = [item for item in found if _date_in(zones[item["program_id"]], item["created_at"]) >= since]
    return sorted(found, key=lambda item: str(item["id"]))


@dataclass(frozen=True, slots=True)
class Unused:
    """What a month did not use: what is free, and what would be freed, in cents; `code` where it would be refused."""

    allocation_id: str
    child_id: str
    free: int
    released: int
    code: str = ""


def unused(api: Api, month: date, child_id: str | None, *, release_unsubmitted: bool) -> list[Unused]:
    """Funded allocations of a month with something free, or something that nobody submitted where that is freed."""
    listed = api.all("/v1/allocations", month=month.isoformat(), child_id=child_id, funding_state="funded")
    known = programs(api) if release_unsubmitted else {}
    found = []
    for allocation in listed:
        code, released = "", 0
        if release_unsubmitted:
            released = _unsubmitted(api, allocation["id"])
            is_over = date.fromisoformat(known[allocation["program_id"]]["today"]) >= following(month)
            code = "" if is_over else "month_not_over"
        if allocation["remaining_unselected_cents"] + released > 0:
            free = allocation["remaining_unselected_cents"]
            found.append(Unused(allocation["id"], allocation["child_id"], free, released, code))
    return found


def _unsubmitted(api: Api, allocation_id: str) -> int:
    items = (item for path in ("/v1/care-days", "/v1/lump-sums") for item in api.all(path, allocation_id=allocation_id))
    return sum(item["amount"] for item in items if item["state"] == "selected")


def _date_in(zone: ZoneInfo, instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(zone).date()


def unfunded(api: Api, month: date | None, child_id: str | None) -> list[Any]:
    """Allocations whose funding stopped, oldest first."""
    named = None if month is None else month.isoformat()
    listed = api.all("/v1/allocations", month=named, child_id=child_id, funding_state="unfunded")
    return sorted((item for item in listed if item["code"] is not None), key=lambda item: str(item["id"]))
