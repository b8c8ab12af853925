"""What a row of the settlement feed says of an entry."""

import json
from datetime import date, datetime

from domain.calendar import new_york_date


def settlement_day(payload: bytes, heard_at: datetime) -> date:
    """SETTLEMENT_DATE of a row of the feed; where it has none, or one still to come, the day on which it was heard."""
    today = new_york_date(heard_at)
    try:
        told = date.fromisoformat(json.loads(payload).get("SETTLEMENT_DATE") or "")
    except ValueError:
        return today
    return min(told, today)
