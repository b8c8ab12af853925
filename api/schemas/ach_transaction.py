"""ACH transactions in the API: debits, credits, refunds and voids. `status` is coarse; `ach_state` tells all."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.fields import Currency, PositiveAmount, RequestModel, ResponseModel
from api.schemas.ach import Basis, Sec
from api.schemas.flow import FlowDetail, Links
from domain.ach import AchState, status
from domain.auth_resp import RetryAdvice
from domain.calendar import new_york_date
from domain.ids import public_id
from domain.payer_advice import payer_advice
from domain.return_window import claim_window_ends, return_window_ends


class NewAchDebit(RequestModel):
    """A debit (pull) from a stored, verified account: one-off, or under an authorization on record."""

    account_id: str = Field(examples=["acct_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    amount: PositiveAmount
    currency: Currency
    sec: Sec | None = None
    recurring: bool = Field(default=False, description="one of a series: it needs an authorization_id")
    authorization_id: str | None = Field(default=None, examples=["auth_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    period_on: date | None = Field(
        default=None, description="of a recurring authorization: which period; the newest that is due by default"
    )
    authorization_basis: Basis | None = Field(
        default=None, description="of a one-off debit: how it was authorized; the SEC code's usual way by default"
    )
    description: str = Field(default="", max_length=200)
    reinitiate: bool | None = Field(
        default=None, description="whether it is sent again after R01 or R09; as the merchant has it by default"
    )


class NewAchCredit(RequestModel):
    """A payout to an account, or with a parent the refund of a settled debit to the account it came from."""

    account_id: str | None = Field(
        default=None,
        examples=["acct_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"],
        description="required for a payout; a refund goes to the debit's account",
    )
    parent_transaction_id: str | None = Field(default=None, examples=["achtx_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    amount: PositiveAmount
    currency: Currency
    description: str = Field(default="", max_length=200)


class NewAchVoid(RequestModel):
    """A void of a debit; an amount, where given, must be the debit's."""

    amount: PositiveAmount | None = None
    reason: str = Field(default="", max_length=200)


class AchTransactionView(ResponseModel):
    """A transaction. A payout is a DEBIT of direction `credit`: the seed has no other type for it."""

    id: str
    type: Literal["DEBIT", "REFUND", "VOID"]
    direction: Literal["debit", "credit"]
    merchant_id: str
    customer_id: str
    account_id: str
    parent_transaction_id: str | None
    amount: int
    currency: str
    sec: str
    description: str
    authorization_id: str | None
    authorization_basis: str | None
    period_on: date | None
    retry_of: str | None = Field(description="the returned debit that this one is another try of")
    retry_number: int
    entry_description: str | None
    status: Literal["pending", "approved", "declined", "failed"]
    ach_state: str
    tran_nbr: str | None
    batch_id: str | None
    auth_resp: str | None
    auth_resp_text: str | None
    auth_guid: str | None
    code: str | None
    message: str | None
    who_must_act: str | None
    user_message: str | None = Field(description="what to tell the payer")
    retry_advice: RetryAdvice = Field(description="about a new attempt; the same call is never sent again")
    return_code: str | None
    business_date: date
    settles_on: date | None
    processed_at: datetime | None
    settled_at: datetime | None = Field(description="when it was heard that it settled")
    settled_on: date | None = Field(description="the day on which it settled, by the gateway's report")
    returned_at: datetime | None
    return_window_ends_on: date | None = Field(description="of a settled debit: until when an ordinary return comes")
    claim_window_ends_on: date | None = Field(description="of a settled debit: until when the payer's claim may come")
    refundable_amount: int | None = Field(default=None, description="of one debit: what is left to refund")
    warnings: list[str] = Field(default_factory=list)
    created_at: datetime
    links: Links
    detail: FlowDetail | None = None


_OTHERWISE_SHOWN = frozenset(
    {"id", "merchant_id", "account_id", "parent_transaction_id", "authorization_id", "retry_of", "ach_state", "detail"}
)


def transaction_view(
    row: Mapping[Any, Any], links: Links, doubt: str | None = None, detail: FlowDetail | None = None, **more: Any
) -> AchTransactionView:
    """A transaction from its row; while its money call is in doubt, that is what it shows."""
    state = AchState(row["ach_state"])
    if state is AchState.SUBMITTING and doubt is not None:
        state = AchState(doubt)
    advice = payer_advice(row, state)
    parent, authorization = row["parent_transaction_id"], row["authorization_id"]
    return AchTransactionView(
        id=public_id("achtx", row["id"]),
        merchant_id=public_id("mer", row["merchant_id"]),
        account_id=public_id("acct", row["account_id"]),
        parent_transaction_id=None if parent is None else public_id("achtx", parent),
        authorization_id=None if authorization is None else public_id("auth", authorization),
        retry_of=None if row["retry_of"] is None else public_id("achtx", row["retry_of"]),
        status=status(state).value,
        ach_state=state.value,
        who_must_act=row["must_act"],
        user_message=advice.user_message,
        retry_advice=advice.retry_advice,
        links=links,
        detail=detail,
        **_windows(row),
        **{name: row[name] for name in AchTransactionView.model_fields if name in row and name not in _OTHERWISE_SHOWN},
        **more,
    )


def _windows(row: Mapping[Any, Any]) -> dict[str, date | None]:
    if row["settled_on"] is None or row["type"] != "DEBIT" or row["direction"] != "debit":
        return {"return_window_ends_on": None, "claim_window_ends_on": None}
    return {
        "return_window_ends_on": return_window_ends(row["settled_on"]),
        "claim_window_ends_on": claim_window_ends(row["settled_on"], row["sec"]),
    }


def refund_warnings(original: Mapping[Any, Any], now: datetime) -> list[str]:
    """What to know before a refund of this debit: a claim that comes after it takes the money a second time."""
    ends = _windows(original)["claim_window_ends_on"]
    if ends is not None and new_york_date(now) > ends:
        return []
    until = "until sixty days after it settles" if ends is None else f"until {ends}"
    return [f"The payer's bank may still return the debit {until}: refunded and returned, it is paid back twice."]
