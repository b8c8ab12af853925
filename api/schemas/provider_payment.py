"""Provider payments in the API: what is paid, each attempt, and the payment once it was made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from api.fields import RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from api.schemas.provider import Method
from domain.ids import public_id
from domain.provider_payment import AGAIN, PaymentState

CareDayIds = Annotated[list[str], Field(min_length=1, max_length=62)]


class NewProviderPayment(RequestModel):
    """Either care days of one child, month and provider, or one lump sum."""

    care_day_ids: CareDayIds | None = Field(None, examples=[["day_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"]])
    lump_sum_id: str | None = Field(None, examples=[None])
    description: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.care_day_ids is None) == (self.lump_sum_id is None):
            raise ValueError("Name either care_day_ids or lump_sum_id.")
        return self


class PaymentItemView(ResponseModel):
    """A care day or lump sum of a payment; `released` once it may be paid by another one."""

    care_day_id: str | None
    lump_sum_id: str | None
    amount: int
    released: bool


class PaymentAttemptView(ResponseModel):
    """A try: the move from wallet to wallet that it rests on, and the payout."""

    number: int
    method: Method
    state: str
    wallet_money_call_id: str | None
    payout_money_call_id: str | None
    code: str | None
    message: str | None
    created_at: datetime
    ended_at: datetime | None


class PaymentMadeView(ResponseModel):
    """The payment itself, the last one where others came back; `chek_id` is unknown where balances alone proved it."""

    id: str
    method: Method
    amount: int
    currency: str
    chek_id: str | None
    paid_at: datetime
    settled_at: datetime | None
    returned_at: datetime | None
    return_code: str | None


class ProviderPaymentView(ResponseModel):
    """A payment. `paid`: Chek took the payout in; `settled`: a bank has it. `payment` exists from `paid` on."""

    id: str
    state: PaymentState
    kind: str
    amount: int
    currency: str
    method: Method
    program_id: str
    provider_id: str
    child_id: str
    family_id: str
    allocation_id: str
    description: str
    code: str | None
    message: str | None
    who_must_act: str | None
    can_retry: bool
    created_at: datetime
    funded_at: datetime | None
    ended_at: datetime | None
    links: Links
    items: list[PaymentItemView] | None = None
    attempts: list[PaymentAttemptView] | None = None
    payment: PaymentMadeView | None = None
    detail: FlowDetail | None = None


def payment_view(row: Mapping[Any, Any], links: Links, **inside: Any) -> ProviderPaymentView:
    """A payment from its row; `inside` are the parts that only a single payment shows."""
    state = PaymentState(row["state"])
    return ProviderPaymentView(
        id=public_id("ppay", row["id"]),
        state=state,
        kind=row["kind"],
        amount=row["amount_cents"],
        currency=row["currency"],
        method=row["method"],
        program_id=public_id("prog", row["program_id"]),
        provider_id=public_id("prov", row["provider_id"]),
        child_id=public_id("child", row["child_id"]),
        family_id=public_id("fam", row["family_id"]),
        allocation_id=public_id("alloc", row["allocation_id"]),
        description=row["description"],
        code=row["code"],
        message=row["message"],
        who_must_act=row["must_act"],
        can_retry=state in AGAIN,
        created_at=row["created_at"],
        funded_at=row["funded_at"],
        ended_at=row["ended_at"],
        links=links,
        **inside,
    )


def item_views(rows: Sequence[Mapping[Any, Any]]) -> list[PaymentItemView]:
    """Items from their rows."""
    return [
        PaymentItemView(
            care_day_id=_named("day", row["care_day_id"]),
            lump_sum_id=_named("lump", row["lump_sum_id"]),
            amount=row["amount_cents"],
            released=row["released_at"] is not None,
        )
        for row in rows
    ]


def attempt_views(rows: Sequence[Mapping[Any, Any]]) -> list[PaymentAttemptView]:
    """Attempts from their rows."""
    plain = ("number", "method", "state", "code", "message", "created_at", "ended_at")
    return [
        PaymentAttemptView(
            wallet_money_call_id=_named("mc", row["wallet_money_call_id"]),
            payout_money_call_id=_named("mc", row["payout_money_call_id"]),
            **{name: row[name] for name in plain},
        )
        for row in rows
    ]


def made_view(row: Mapping[Any, Any] | None) -> PaymentMadeView | None:
    """The payment itself from its row."""
    if row is None:
        return None
    return PaymentMadeView(
        id=public_id("paid", row["id"]),
        method=row["method"],
        amount=row["amount_cents"],
        currency=row["currency"],
        chek_id=row["chek_id"],
        **{name: row[name] for name in ("paid_at", "settled_at", "returned_at", "return_code")},
    )


def _named(prefix: str, value: Any) -> str | None:
    return None if value is None else public_id(prefix, value)
