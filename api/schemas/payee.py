"""Payees and payout methods in the API. Account numbers come in and never go out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints

from api.fields import Line, RequestModel, ResponseModel
from db.queries.payee import Person
from domain.ids import public_id

Email = Annotated[str, StringConstraints(pattern=r"^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}$")]
Digits = Annotated[SecretStr, Field(min_length=1, max_length=40, examples=["123456789"])]


class NewPayee(RequestModel):
    """A person to be paid back."""

    name: Line = Field(examples=["Grace Hopper"])
    email: Email = Field(examples=["grace@example.test"])


class PayeeMade(ResponseModel):
    """A payee that was just made, without what identifies the person."""

    id: str
    created_at: datetime


class NewPayoutMethod(RequestModel):
    """A bank account in the United States. `replaces` archives the method that this one corrects."""

    kind: Literal["ach"] = "ach"
    label: Annotated[str, Field(max_length=100)] = ""
    routing_number: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(examples=["011000015"])
    account_number: Digits
    account_type: Literal["checking", "savings"] = "checking"
    default: bool = False
    replaces: str | None = None


class PayoutMethodView(ResponseModel):
    """A payout method: never its numbers, only the last four digits."""

    id: str
    payee_id: str
    kind: Literal["ach"]
    label: str
    last_four: str
    default: bool
    replaces: str | None
    created_at: datetime
    archived_at: datetime | None


class PayeeView(ResponseModel):
    """A payee with the present payout methods."""

    id: str
    name: str
    email: str
    payout_methods: list[PayoutMethodView]
    created_at: datetime


def payout_method_view(row: Mapping[Any, Any]) -> PayoutMethodView:
    """A payout method from its row."""
    return PayoutMethodView(
        id=public_id("pm", row["id"]),
        payee_id=public_id("payee", row["payee_id"]),
        kind=row["kind"],
        label=row["label"],
        last_four=row["last_four"],
        default=row["is_default"],
        replaces=None if row["replaces"] is None else public_id("pm", row["replaces"]),
        created_at=row["created_at"],
        archived_at=row["archived_at"],
    )


def payee_view(row: Mapping[Any, Any], person: Person, methods: Sequence[Mapping[Any, Any]]) -> PayeeView:
    """A payee from its row, opened."""
    return PayeeView(
        id=public_id("payee", row["id"]),
        name=person.name,
        email=person.email,
        payout_methods=[payout_method_view(method) for method in methods if method["payee_id"] == row["id"]],
        created_at=row["created_at"],
    )
