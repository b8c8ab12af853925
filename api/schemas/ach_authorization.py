"""Authorizations in the API: what the customer agreed to, its periods, its history and its notices."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from api.fields import Currency, Line, PositiveAmount, RequestModel, ResponseModel
from api.schemas.ach import Basis, Sec
from api.schemas.flow import CaseView, Links, TimelineEntry, case_view
from domain.ids import public_id
from domain.public_ids import with_public_ids
from domain.recurrence import Frequency


def _email(given: SecretStr) -> SecretStr:
    if re.fullmatch(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+", given.get_secret_value()) is None:
        raise ValueError("Must be an e-mail address.")
    return given


SAYS_SOMETHING = r"[^\s]"
"""Not blanks alone."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Email = Annotated[SecretStr, Field(min_length=3, max_length=254, examples=["ada@example.com"]), AfterValidator(_email)]
State = Literal["active", "paused", "cancelled", "revoked", "ended"]


class NewAchAuthorization(RequestModel):
    """What the customer agreed to. Without a frequency it is for one debit; with `amount_max` the amount may vary."""

    account_id: str = Field(examples=["acct_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    sec: Sec | None = Field(default=None, description="the account's, where not given")
    basis: Basis | None = Field(default=None, description="how it was authorized; the SEC code's usual way by default")
    amount: PositiveAmount = Field(description="of each debit; where it varies, of the next ones")
    amount_min: PositiveAmount | None = None
    amount_max: PositiveAmount | None = None
    currency: Currency
    frequency: Frequency | None = None
    starts_on: date = Field(description="date of the first charge, in New York; later ones keep its day of the month")
    ends_on: date | None = None
    description: Annotated[Line, Field(pattern=SAYS_SOMETHING)]
    cancellation_terms: Annotated[str, Field(min_length=1, max_length=2000, pattern=SAYS_SOMETHING)]
    evidence_reference: Annotated[Line, Field(pattern=SAYS_SOMETHING)] = Field(examples=["contracts/2026/4711.pdf"])
    evidence_hash: Sha256 = Field(description="SHA-256 of the evidence, in hex")
    customer_email: Email


class AmountChange(RequestModel):
    """Another amount for the charges to come."""

    amount: PositiveAmount
    reason: str = Field(default="", max_length=500)


class ScheduleChange(RequestModel):
    """Another date for the charges to come."""

    first_charge_on: date = Field(
        description="of the next charge that is not announced yet; those after it keep its day of the month, or week"
    )
    reason: str = Field(default="", max_length=500)


class PeriodView(ResponseModel):
    """One period of a recurring authorization, and what became of its charge."""

    period_on: date
    charge_on: date
    amount: int
    state: Literal["planned", "charged", "skipped", "held", "missed", "failed"]
    transaction_id: str | None
    code: str | None
    message: str | None


class NoticeView(ResponseModel):
    """Something that the customer is told. Without `sent_at` it is not sent; `too_late` ones never will be."""

    id: str
    kind: Literal["copy", "charge", "amount_changed", "date_changed", "receipt", "returned", "statement"]
    period_on: date | None
    amount: int | None
    transaction_id: str | None
    due_on: date
    too_late: bool
    sent_at: datetime | None


class ChangeView(ResponseModel):
    """A line of the authorization's history."""

    at: datetime
    action: str
    actor: str
    reason: str
    detail: dict[str, Any]


class AuthorizationDetail(ResponseModel):
    """The inside of an authorization; the newest periods and notices."""

    periods: list[PeriodView]
    notices: list[NoticeView]
    history: list[ChangeView]
    timeline: list[TimelineEntry]
    cases: list[CaseView]


class AchAuthorizationView(ResponseModel):
    """An authorization. Its evidence is kept until `retain_until`, five years after its end."""

    id: str
    merchant_id: str
    customer_id: str
    account_id: str
    sec: str
    basis: Basis
    kind: Literal["single", "recurring"]
    amount_rule: Literal["fixed", "variable"]
    amount: int
    amount_min: int | None
    amount_max: int | None
    next_amount: int | None
    next_amount_from: date | None
    currency: str
    frequency: Frequency | None
    starts_on: date
    schedule_from: date | None = Field(description="the first date of the changed schedule, if it was changed")
    ends_on: date | None
    description: str
    cancellation_terms: str
    evidence_reference: str
    evidence_hash: str
    state: State
    code: str | None
    message: str | None
    who_must_act: str | None
    ended_at: datetime | None
    retain_until: date | None
    created_at: datetime
    links: Links
    detail: AuthorizationDetail | None = None


_OTHERWISE_SHOWN = frozenset({"id", "merchant_id", "account_id", "detail"})


def authorization_view(
    row: Mapping[Any, Any], links: Links, detail: AuthorizationDetail | None = None
) -> AchAuthorizationView:
    """An authorization from its row; the customer's address is not shown."""
    fields = AchAuthorizationView.model_fields
    return AchAuthorizationView(
        id=public_id("auth", row["id"]),
        merchant_id=public_id("mer", row["merchant_id"]),
        account_id=public_id("acct", row["account_id"]),
        who_must_act=row["must_act"],
        links=links,
        detail=detail,
        **{name: row[name] for name in fields if name in row and name not in _OTHERWISE_SHOWN},
    )


def authorization_detail(
    periods: Sequence[Mapping[Any, Any]],
    notices: Sequence[Mapping[Any, Any]],
    history: Sequence[Mapping[Any, Any]],
    happened: Sequence[Mapping[Any, Any]],
    cases: Sequence[Mapping[Any, Any]],
) -> AuthorizationDetail:
    """The inside of an authorization from its rows."""
    return AuthorizationDetail(
        periods=[
            PeriodView(
                transaction_id=_transaction(row),
                **{name: row[name] for name in PeriodView.model_fields if name != "transaction_id"},
            )
            for row in periods
        ],
        notices=[
            NoticeView(
                id=public_id("notice", row["id"]),
                transaction_id=_transaction(row),
                too_late=row["mail_id"] is None,
                **{name: row[name] for name in ("kind", "period_on", "amount", "due_on", "sent_at")},
            )
            for row in notices
        ],
        history=[
            ChangeView(
                at=row["happened_at"],
                action=row["action"],
                actor=row["actor"],
                reason=row["reason"],
                detail=with_public_ids(row["detail"]),
            )
            for row in history
        ],
        timeline=[
            TimelineEntry(at=row["created_at"], event=row["type"], detail=with_public_ids(row["payload"]))
            for row in happened
        ],
        cases=[case_view(row) for row in cases],
    )


def _transaction(row: Mapping[Any, Any]) -> str | None:
    return None if row["transaction_id"] is None else public_id("achtx", row["transaction_id"])
