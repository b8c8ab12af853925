"""Recurring authorizations: two weekly charges each, which fall due as business time moves on."""

from datetime import date, datetime, timedelta
from typing import Any

from domain.calendar import new_york_date
from tests.endurance.chance import Deed
from tests.endurance.scenery import Scenery
from tests.flows.ach_authorizations.payers import EVIDENCE, TERMS
from tests.system import System

OVERDUE = timedelta(days=2)
"""What was planned for before that must have been done."""


async def today(system: System) -> date:
    """New York's date on the business clock."""
    told = (await system.get("/v1/sandbox/clock"))["business_now"]
    return new_york_date(datetime.fromisoformat(told))


async def begin(scenery: Scenery, deed: Deed) -> str:
    """From tomorrow on, and a week later for the last time."""
    start = await today(scenery.system) + timedelta(days=1)
    body = {
        "account_id": scenery.accounts["checking"],
        "amount": deed.amount,
        "currency": "USD",
        "frequency": "weekly",
        "starts_on": start.isoformat(),
        "ends_on": (start + timedelta(weeks=1)).isoformat(),
        "description": "Piano lessons",
        "cancellation_terms": TERMS,
        "customer_email": f"payer{deed.which}@example.test",
        **EVIDENCE,
    }
    return f"/v1/ach-authorizations/{(await scenery.system.post('/v1/ach-authorizations', body))['id']}"


def left_over(authorization: dict[str, Any], on: date) -> list[str]:
    """Periods whose day has passed and of which nothing was said."""
    return [
        f"the charge of {period['charge_on']} is still planned"
        for period in authorization["detail"]["periods"]
        if period["state"] == "planned" and date.fromisoformat(period["charge_on"]) + OVERDUE < on
    ]
