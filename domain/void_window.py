"""Until when a debit can be voided: before it goes out, so until a cut-off on its day of origination.

The gateway's own hour is not published: 17:00 New York is the default (gateway contract, section 4).
"""

from datetime import datetime, time

from domain.calendar import NEW_YORK, banking_day_on_or_after, instant_at, origination_date


def void_deadline(batch_id: str, taken_at: datetime, *, entry_cut_off: time, void_cut_off: time) -> datetime:
    """The first instant at which it is too late, in UTC.

    `batch_id` is the New York date (YYYYMMDD) of the request. An entry whose answer was lost is known to be taken only
    later (`taken_at`): then its date alone counts, and the earlier of the possible days is assumed.
    """
    requested = datetime.strptime(batch_id, "%Y%m%d").replace(tzinfo=NEW_YORK).date()
    same_day = taken_at.astimezone(NEW_YORK).date() == requested
    goes_out = origination_date(taken_at, entry_cut_off) if same_day else banking_day_on_or_after(requested)
    return instant_at(goes_out, void_cut_off)
