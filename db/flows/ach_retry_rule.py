"""Whether a debit that came back may still be sent again, asked when it is handed over: it may have waited since."""

from datetime import time

from db.flows.base import FlowRow
from db.queries import ach_return as returns
from db.unit_of_work import UnitOfWork
from domain.calendar import settlement_date
from domain.errors import StateConflict
from domain.return_policy import REINITIATION_DAYS, settles_in_time


async def require_settles_in_time(uow: UnitOfWork, entry: FlowRow, cut_off: time) -> None:
    """Refuse a try that, handed over now, settles later than 180 days after the first entry's settlement (Nacha)."""
    if entry["retry_of"] is None:
        return
    first = await returns.first_entry(uow, entry)
    if not settles_in_time(settlement_date(await uow.business_now(), cut_off), returns.settled_on(first)):
        raise StateConflict(
            "retry_too_late",
            f"It would settle later than {REINITIATION_DAYS} days after the original settlement.",
            who_must_act="payee",
        )
