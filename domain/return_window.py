"""How long a settled debit may still come back: two windows, the bank's and the consumer's (Nacha rules).

Most returns reach us by the opening of the second banking day after settlement. A consumer's claim (R05, R07, R10, R11)
comes up to sixty calendar days after it; a company's account (CCD) has no such claim, unless it was a consumer's after
all, which only the bank can say.
"""

from datetime import date

from domain.calendar import consumer_return_deadline, two_day_return_deadline


def return_window_ends(settled_on: date) -> date:
    """The last date on which an ordinary return reaches us."""
    return two_day_return_deadline(settled_on)


def claim_window_ends(settled_on: date, sec: str) -> date:
    """The last date on which the receiver's claim reaches us: a refund before it may be paid twice."""
    return two_day_return_deadline(settled_on) if sec == "CCD" else consumer_return_deadline(settled_on)
