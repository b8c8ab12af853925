"""Mileage rates in the API: cents are decimal strings with one place, as the notices have half cents."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field

from api.fields import RequestModel, ResponseModel
from domain.ids import public_id
from domain.mileage import PublishedRate, show_cents

Cents = Field(max_length=5, pattern=r"^[0-9]{1,3}(\.[0-9])?$", examples=["72.5"])


class NewMileageRate(RequestModel):
    """What the organization pays for travel from a day on; null: the published rate again."""

    effective_from: date
    cents_per_mile: str | None = Cents


class MileageRateView(ResponseModel):
    """A rate that the organization set."""

    id: str
    effective_from: date
    cents_per_mile: str | None
    created_at: datetime


class PublishedRateView(ResponseModel):
    """A published rate with its notice."""

    effective_from: date
    effective_through: date
    cents_per_mile: str
    source: str


class MileageRates(ResponseModel):
    """The organization's own rates, which stand before the published ones."""

    own: list[MileageRateView]
    published: list[PublishedRateView]


def mileage_rate_view(row: Mapping[Any, Any]) -> MileageRateView:
    """A rate from its row."""
    return MileageRateView(
        id=public_id("mir", row["id"]),
        effective_from=row["effective_from"],
        cents_per_mile=None if row["rate"] is None else show_cents(row["rate"]),
        created_at=row["created_at"],
    )


def published_rate_view(rate: PublishedRate) -> PublishedRateView:
    """A published rate."""
    return PublishedRateView(
        effective_from=rate.effective_from,
        effective_through=rate.effective_through,
        cents_per_mile=show_cents(rate.rate.tenths_of_a_cent),
        source=rate.rate.source,
    )
