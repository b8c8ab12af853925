"""Return rates of an originator over sixty days, against the levels of the Nacha rules (risk threshold, section 8).

Counts of entries, never amounts; credits and prenotes count neither above nor below the line. Whole numbers only: a
rate is compared by multiplying, and printed from its digits.
"""

from dataclasses import dataclass
from enum import StrEnum

WINDOW_DAYS = 60
ALERT_TENTHS = 6
"""Alert at six tenths of a level: before the network looks, there is time to act."""
_WHOLE = 10_000


class RateName(StrEnum):
    """Which returns are counted."""

    UNAUTHORIZED = "unauthorized"
    ADMINISTRATIVE = "administrative"
    OVERALL = "overall"


LEVELS: dict[RateName, int] = {RateName.UNAUTHORIZED: 50, RateName.ADMINISTRATIVE: 300, RateName.OVERALL: 1_500}
"""The levels in hundredths of a percent: 0.5 %, 3 % and 15 % of the debit entries originated."""


class Standing(StrEnum):
    """Where a rate stands: at a level is above it, since staying below is what is asked."""

    TOO_FEW = "too_few"
    BELOW = "below"
    ALERT = "alert"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate: `returned` of `originated` debit entries."""

    name: RateName
    returned: int
    originated: int
    minimum_sample: int

    @property
    def level(self) -> int:
        """The level, in hundredths of a percent."""
        return LEVELS[self.name]

    @property
    def standing(self) -> Standing:
        """Below the minimum sample nothing is concluded: one return of three entries says nothing."""
        if self.originated < max(self.minimum_sample, 1):
            return Standing.TOO_FEW
        scaled = self.returned * _WHOLE
        if scaled >= self.level * self.originated:
            return Standing.ABOVE
        return Standing.ALERT if scaled * 10 >= self.level * self.originated * ALERT_TENTHS else Standing.BELOW

    @property
    def percent(self) -> str | None:
        """The rate in percent with four decimals, cut and not rounded up; None while nothing was originated."""
        if not self.originated:
            return None
        whole, rest = divmod(self.returned * 100 * _WHOLE // self.originated, _WHOLE)
        return f"{whole}.{rest:04d}"
