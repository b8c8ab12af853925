"""Onboardings in the API. Who a person is goes in and is shown nowhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from api.fields import Line, RequestModel, ResponseModel
from api.schemas.family import Email
from api.schemas.flow import FlowDetail, Links
from api.schemas.provider import Method
from domain.childcare_person import PHONE, POSTAL_CODE, TWO_LETTERS
from domain.ids import public_id
from domain.onboarding import OnboardingState

Phone = Annotated[str, StringConstraints(pattern=PHONE)]
"""E.164, as Chek takes it."""
TwoLetters = Annotated[str, StringConstraints(pattern=TWO_LETTERS)]


class Address(RequestModel):
    """Where a person lives, as Chek takes it."""

    line1: Line = Field(examples=["1 Main St"])
    line2: Line | None = None
    city: Line = Field(examples=["Denver"])
    state: TwoLetters = Field(examples=["CO"])
    postal_code: Annotated[str, StringConstraints(pattern=POSTAL_CODE)] = Field(examples=["80202"])
    country_code: TwoLetters = Field("US", examples=["US"])


class PersonDetails(RequestModel):
    """Who somebody is. Names longer than Chek takes are cut, the last name first."""

    first_name: Line = Field(examples=["Maria"])
    last_name: Line = Field(examples=["Keller"])
    email: Email | None = Field(
        None, description="left out: the one that is registered", examples=["maria@example.test"]
    )
    phone: Phone = Field(examples=["+13035550101"])
    address: Address


class NewOnboarding(RequestModel):
    """A family or a provider to be made known at Chek; a provider with a method is set up to be paid by it."""

    family_id: str | None = Field(None, examples=["fam_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    provider_id: str | None = Field(None, examples=[None])
    person: PersonDetails | None = Field(None, description="needed by who has no wallet yet")
    method: Method | None = Field(None, description="providers only", examples=[None])
    program_id: str | None = Field(None, description="whose card it is, with the method `card`", examples=[None])

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        if (self.family_id is None) == (self.provider_id is None):
            raise ValueError("Name either family_id or provider_id.")
        if self.family_id is not None and self.method is not None:
            raise ValueError("A family is paid by no method.")
        if (self.method == "card") != (self.program_id is not None):
            raise ValueError("A card, and only a card, needs its program_id.")
        return self


class OnboardingView(ResponseModel):
    """An onboarding; `chek_user_id` once the person has a wallet."""

    id: str
    family_id: str | None
    provider_id: str | None
    program_id: str | None
    method: Method | None
    chek_user_id: str | None
    state: OnboardingState
    code: str | None
    message: str | None
    who_must_act: str | None
    created_at: datetime
    ended_at: datetime | None
    links: Links
    detail: FlowDetail | None = None


def onboarding_view(
    row: Mapping[Any, Any], chek_user_id: str | None, links: Links, detail: FlowDetail | None = None
) -> OnboardingView:
    """An onboarding from its row."""

    def shown(prefix: str, name: str) -> str | None:
        return None if row[name] is None else public_id(prefix, row[name])

    return OnboardingView(
        id=public_id("onb", row["id"]),
        family_id=shown("fam", "family_id"),
        provider_id=shown("prov", "provider_id"),
        program_id=shown("prog", "program_id"),
        chek_user_id=chek_user_id,
        who_must_act=row["must_act"],
        links=links,
        detail=detail,
        **{name: row[name] for name in ("method", "state", "code", "message", "created_at", "ended_at")},
    )
