"""Payees and payout methods in the API. Their details come in and never go out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, create_model

from api.fields import Line, RequestModel, ResponseModel
from db.queries.payee import Person
from domain.ids import public_id
from domain.payout_method import DEFAULT_KIND, METHODS
from domain.payout_method.base import Field as Detail

Email = Annotated[str, StringConstraints(pattern=r"^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}$")]


class NewPayee(RequestModel):
    """A person to be paid back."""

    name: Line = Field(examples=["Grace Hopper"])
    email: Email = Field(examples=["grace@example.test"])


class PayeeMade(ResponseModel):
    """A payee that was just made, without what identifies the person."""

    id: str
    created_at: datetime


class PayoutMethodRequest(RequestModel):
    """A way to be paid. Which details it takes depends on its kind; `replaces` archives the method it corrects."""

    kind: Annotated[str, Field(max_length=10, examples=list(METHODS))] = DEFAULT_KIND
    label: Annotated[str, Field(max_length=100)] = ""
    default: bool = False
    replaces: str | None = None

    def details(self) -> dict[str, str]:
        """What was given of the method's details, opened."""
        given = {name: getattr(self, name) for name in _DETAILS}
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in given.items()
            if value is not None
        }


def _details() -> dict[str, Any]:
    """One optional field for each detail that any method takes; the method checks them."""
    found: dict[str, list[tuple[str, Detail]]] = {}
    for method in METHODS.values():
        for detail in method.fields:
            found.setdefault(detail.name, []).append((method.kind, detail))
    return {name: (_type(uses), None) for name, uses in found.items()}


def _type(uses: list[tuple[str, Detail]]) -> Any:
    secret = any(detail.secret for _, detail in uses)
    described = "; ".join(f"{kind}: {detail.meaning}" for kind, detail in uses)
    longest = max(detail.longest for _, detail in uses)
    return Annotated[
        (SecretStr if secret else str) | None,
        Field(max_length=longest, description=described, examples=[uses[0][1].example]),
    ]


_DETAILS = _details()
if TYPE_CHECKING:
    NewPayoutMethod = PayoutMethodRequest
else:
    NewPayoutMethod = create_model(
        "NewPayoutMethod", __base__=PayoutMethodRequest, __doc__=PayoutMethodRequest.__doc__, **_DETAILS
    )


class PayoutMethodView(ResponseModel):
    """A payout method: never its details; `last_four` is what people may see of them (digits, or `m***`)."""

    id: str
    payee_id: str
    kind: str
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
