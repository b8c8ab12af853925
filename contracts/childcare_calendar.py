"""What the programme's calendar does by itself: months, reminders, and the nightly look at the books."""

from pydantic import BaseModel

ALLOCATE_MONTH = "childcare.allocate_month"
REMIND = "childcare.remind"
RECONCILE = "childcare.reconcile"


class Zone(BaseModel):
    """The programmes whose clocks are these."""

    time_zone: str


class MonthReport(BaseModel):
    """How many months were allocated, were there already, or were refused, by code."""

    created: int
    standing: int
    refused: dict[str, int]


class ReminderReport(BaseModel):
    """How many families were written to."""

    written: int


class ReconciliationReport(BaseModel):
    """How many balances were held against the ledger, and how many differed, agreed again, or could not be read."""

    compared: int
    differing: int
    agreed_again: int
    unread: int
