"""Families and children in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.fields import Line, RequestModel, ResponseModel
from api.schemas.program import ChekNumber
from domain.childcare_limits import CURRENCY
from domain.childcare_person import EMAIL, EXTERNAL_ID, LONGEST_EMAIL
from domain.ids import public_id
from domain.money import Money

ExternalId = Annotated[str, StringConstraints(pattern=EXTERNAL_ID)]
"""The caller's own id of a person."""

Language = Literal["en", "es", "ru", "ar"]


Email = Annotated[str, StringConstraints(pattern=EMAIL, max_length=LONGEST_EMAIL)]
"""Where mail goes. It is kept sealed and shown nowhere."""


class ChangedContact(RequestModel):
    """How to write to a family or a provider. What is left out stays."""

    email: Email | None = None
    language: Language | None = None


class NewFamily(RequestModel):
    """A family, under the caller's own id for it."""

    external_id: ExternalId = Field(examples=["family-7"])
    name: Line
    language: Language = "en"
    email: Email | None = None


class FamilyView(ResponseModel):
    """A family; `chek_user_id` once its wallet is known."""

    id: str
    external_id: str
    name: str
    language: str
    has_email: bool
    chek_user_id: str | None
    created_at: datetime


class WalletRequest(RequestModel):
    """The Chek user whose wallet it is. Set once."""

    chek_user_id: ChekNumber = Field(examples=["1001"])


DollarText = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$")]
"""An amount as the programme's own lists have it: a decimal text, never a float."""


class SubsidyRequest(RequestModel):
    """What a child gets each month. What is left out is unknown, and what was known before is forgotten."""

    monthly_amount: DollarText | None = Field(None, description="of a whole month", examples=["1128.14"])
    starts_on: date | None = Field(None, description="first day of care; its month is prorated")
    first_month_amount: DollarText | None = Field(
        None, description="of the month in which care starts, in place of its share by the rule", examples=["512.50"]
    )


class ChangedSubsidy(SubsidyRequest):
    """What a child gets from now on; months that are allocated already stay as they are."""

    payment_enabled: bool | None = None


class NewChild(SubsidyRequest):
    """A child of a family in a programme."""

    family_id: str = Field(examples=["fam_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    program_id: str = Field(examples=["prog_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    external_id: ExternalId = Field(examples=["child-7"])
    name: Line
    payment_enabled: bool = True


class ChildView(ResponseModel):
    """A child."""

    id: str
    family_id: str
    program_id: str
    external_id: str
    name: str
    payment_enabled: bool
    monthly_amount: str | None
    starts_on: date | None
    first_month_amount: str | None
    created_at: datetime


def family_view(row: Mapping[Any, Any], chek_user_id: str | None) -> FamilyView:
    """A family from its row."""
    return FamilyView(
        id=public_id("fam", row["id"]),
        chek_user_id=chek_user_id,
        has_email=row["email"] is not None,
        **{name: row[name] for name in ("external_id", "name", "language", "created_at")},
    )


def child_view(row: Mapping[Any, Any]) -> ChildView:
    """A child from its row."""
    return ChildView(
        id=public_id("child", row["id"]),
        family_id=public_id("fam", row["family_id"]),
        program_id=public_id("prog", row["program_id"]),
        monthly_amount=_text(row["monthly_cents"]),
        first_month_amount=_text(row["first_month_cents"]),
        **{name: row[name] for name in ("external_id", "name", "payment_enabled", "starts_on", "created_at")},
    )


def _text(cents: int | None) -> str | None:
    return None if cents is None else Money(cents, CURRENCY).decimal_text()
