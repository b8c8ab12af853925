"""Return rates in the API. Percentages are decimal text: a float would round what a line is drawn through."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from api.fields import ResponseModel
from domain.ids import public_id
from domain.return_rate import ALERT_TENTHS, WINDOW_DAYS, Rate


class RateView(ResponseModel):
    """One rate against its level. `too_few`: fewer debits than the minimum sample, nothing is concluded."""

    name: Literal["unauthorized", "administrative", "overall"]
    returned: int
    originated: int
    percent: str | None = Field(examples=["0.3125"])
    level_percent: str = Field(examples=["0.5000"])
    alert_percent: str = Field(examples=["0.3000"])
    standing: Literal["too_few", "below", "alert", "above"]


class MerchantRatesView(ResponseModel):
    """A merchant's rates over the last sixty days."""

    merchant_id: str
    name: str
    window_days: int
    minimum_sample: int
    rates: list[RateView]


def rates_view(row: Mapping[Any, Any], rates: Sequence[Rate]) -> MerchantRatesView:
    """A merchant's rates from its row."""
    return MerchantRatesView(
        merchant_id=public_id("mer", row["id"]),
        name=row["name"],
        window_days=WINDOW_DAYS,
        minimum_sample=rates[0].minimum_sample,
        rates=[
            RateView(
                name=rate.name.value,
                returned=rate.returned,
                originated=rate.originated,
                percent=rate.percent,
                level_percent=_percent(rate.level * 100),
                alert_percent=_percent(rate.level * ALERT_TENTHS * 10),
                standing=rate.standing.value,
            )
            for rate in rates
        ],
    )


def _percent(ten_thousandths: int) -> str:
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}"
