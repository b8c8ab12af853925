"""Providers and their rates in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.fields import Line, PositiveAmount, RequestModel, ResponseModel
from api.schemas.family import Email, ExternalId, Language
from api.schemas.program import ChekNumber
from domain.ids import public_id

Method = Literal["ach", "card"]


class NewProvider(RequestModel):
    """A provider, under the caller's own id for it."""

    external_id: ExternalId = Field(examples=["provider-3"])
    name: Line
    kind: Literal["center", "home"]
    language: Language = "en"
    email: Email | None = None
    attendance_waived: bool | None = Field(
        None, description="whether it need not enter attendance; left out: a centre need not, a home must"
    )


class PaymentSettingsRequest(RequestModel):
    """The provider's wallet (set once) and how the provider is paid. What is left out stays."""

    chek_user_id: ChekNumber | None = Field(None, examples=["1002"])
    method: Method | None = None


class PaymentSettingsView(ResponseModel):
    """How a provider is paid; statuses are Chek's own words, and only `Active` is paid to."""

    chek_user_id: str
    method: Method | None
    method_changed_at: datetime | None
    direct_pay_id: str | None
    direct_pay_status: str | None
    card_id: str | None
    card_status: str | None
    refreshed_at: datetime | None


class ProviderView(ResponseModel):
    """A provider; `payment_settings` once the wallet is known."""

    id: str
    external_id: str
    name: str
    kind: Literal["center", "home"]
    language: str
    has_email: bool
    attendance_waived: bool
    created_at: datetime
    payment_settings: PaymentSettingsView | None


class NewRate(RequestModel):
    """What a half and a full day of a child cost with a provider, from a date on; in cents of US dollars."""

    provider_id: str = Field(examples=["prov_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    child_id: str = Field(examples=["child_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    effective_from: date
    half_day: PositiveAmount = Field(examples=[3000])
    full_day: PositiveAmount = Field(examples=[5000])


class RateView(ResponseModel):
    """A payment rate."""

    id: str
    provider_id: str
    child_id: str
    effective_from: date
    half_day: int
    full_day: int
    currency: str
    created_at: datetime


def provider_view(row: Mapping[Any, Any], settings: Mapping[Any, Any] | None) -> ProviderView:
    """A provider from its row and its payment settings."""
    shown = None
    if settings is not None:
        shown = PaymentSettingsView(**{name: settings[name] for name in PaymentSettingsView.model_fields})
    return ProviderView(
        id=public_id("prov", row["id"]),
        payment_settings=shown,
        has_email=row["email"] is not None,
        **{name: row[name] for name in ("external_id", "name", "kind", "language", "attendance_waived", "created_at")},
    )


def rate_view(row: Mapping[Any, Any]) -> RateView:
    """A rate from its row."""
    return RateView(
        id=public_id("rate", row["id"]),
        provider_id=public_id("prov", row["provider_id"]),
        child_id=public_id("child", row["child_id"]),
        effective_from=row["effective_from"],
        half_day=row["half_day_cents"],
        full_day=row["full_day_cents"],
        currency=row["currency"],
        created_at=row["created_at"],
    )
