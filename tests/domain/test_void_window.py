"""Until when a debit can be voided, and how long a settled one may come back."""

from datetime import UTC, date, datetime, time

import pytest

from domain.return_window import claim_window_ends, return_window_ends
from domain.void_window import void_deadline

FIVE = time(17)


@pytest.mark.parametrize(
    ("batch_id", "taken_at", "ends"),
    [
        # Friday morning goes out on Friday; Friday evening on Monday
        ("20261120", datetime(2026, 11, 20, 15, 0, tzinfo=UTC), datetime(2026, 11, 20, 22, 0, tzinfo=UTC)),
        ("20261120", datetime(2026, 11, 20, 23, 0, tzinfo=UTC), datetime(2026, 11, 23, 22, 0, tzinfo=UTC)),
        # Thanksgiving is no banking day
        ("20261126", datetime(2026, 11, 26, 15, 0, tzinfo=UTC), datetime(2026, 11, 27, 22, 0, tzinfo=UTC)),
        # the answer was found days later: it counts when it was asked
        ("20261120", datetime(2026, 11, 24, 15, 0, tzinfo=UTC), datetime(2026, 11, 20, 22, 0, tzinfo=UTC)),
        # summer time
        ("20260702", datetime(2026, 7, 2, 15, 0, tzinfo=UTC), datetime(2026, 7, 2, 21, 0, tzinfo=UTC)),
    ],
)
def test_a_void_is_in_time_before_the_cut_off_on_the_day_of_origination(
    batch_id: str, taken_at: datetime, ends: datetime
) -> None:
    assert void_deadline(batch_id, taken_at, entry_cut_off=FIVE, void_cut_off=FIVE) == ends


def test_a_consumer_has_sixty_days_and_a_company_two_banking_days() -> None:
    settled = date(2026, 11, 23)
    assert return_window_ends(settled) == date(2026, 11, 25)
    assert claim_window_ends(settled, "PPD") == date(2027, 1, 25), "the banking day after the sixtieth day"
    assert claim_window_ends(settled, "CCD") == date(2026, 11, 25)
