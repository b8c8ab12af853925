"""Families and children in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.fields import Line, RequestModel, ResponseModel
from api.schemas.program import ChekNumber
from domain.ids import public_id

ExternalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
"""The caller's own id of a person."""

Language = Literal["en", "es", "ru", "ar"]


class NewFamily(RequestModel):
    """A family, under the caller's own id for it."""

    external_id: ExternalId = Field(examples=["family-7"])
    name: Line
    language: Language = "en"


class FamilyView(ResponseModel):
    """A family; `chek_user_id` once its wallet is known."""

    id: str
    external_id: str
    name: str
    language: str
    chek_user_id: str | None
    created_at: datetime


class WalletRequest(RequestModel):
    """The Chek user whose wallet it is. Set once."""

    chek_user_id: ChekNumber = Field(examples=["1001"])


class NewChild(RequestModel):
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
    created_at: datetime


def family_view(row: Mapping[Any, Any], chek_user_id: str | None) -> FamilyView:
    """A family from its row."""
    return FamilyView(
        id=public_id("fam", row["id"]),
        chek_user_id=chek_user_id,
        **{name: row[name] for name in ("external_id", "name", "language", "created_at")},
    )


def child_view(row: Mapping[Any, Any]) -> ChildView:
    """A child from its row."""
    return ChildView(
        id=public_id("child", row["id"]),
        family_id=public_id("fam", row["family_id"]),
        program_id=public_id("prog", row["program_id"]),
        **{name: row[name] for name in ("external_id", "name", "payment_enabled", "created_at")},
    )
