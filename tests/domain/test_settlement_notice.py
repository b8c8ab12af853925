"""The day of a settlement is the gateway's word, not the day on which we heard of it."""

import json
from datetime import UTC, date, datetime

import pytest

from domain.settlement_notice import settlement_day

HEARD = datetime(2027, 3, 5, 2, 0, tzinfo=UTC)  # still March 4 in New York


@pytest.mark.parametrize(
    ("row", "day"),
    [
        ({"SETTLEMENT_DATE": "2027-03-01"}, date(2027, 3, 1)),
        ({"SETTLEMENT_DATE": "2027-03-04"}, date(2027, 3, 4)),
        ({"SETTLEMENT_DATE": "2027-03-09"}, date(2027, 3, 4)),
        ({"SETTLEMENT_DATE": ""}, date(2027, 3, 4)),
        ({"SETTLEMENT_DATE": "yesterday"}, date(2027, 3, 4)),
        ({}, date(2027, 3, 4)),
    ],
)
def test_the_day_is_the_feeds_unless_it_has_none_or_one_to_come(row: dict[str, str], day: date) -> None:
    assert settlement_day(json.dumps(row).encode(), HEARD) == day
