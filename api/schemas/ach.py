"""ACH in the API: merchants, stored accounts, debits. `status` is coarse; `ach_state` tells the whole story."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints

from api.fields import Line, PositiveAmount, RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from domain.ids import public_id

Sec = Literal["PPD", "CCD", "WEB", "TEL"]
Basis = Literal["written", "similarly_authenticated", "internet", "oral_recorded", "oral_written_notice", "agreement"]
KeyPart = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
CustomerId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]
NOT_BLANK = r"^[ -~]*[!-~][ -~]*$"
Name = Annotated[str, StringConstraints(pattern=NOT_BLANK, min_length=1, max_length=25)]
CompanyName = Annotated[str, StringConstraints(pattern=NOT_BLANK, min_length=1, max_length=22)]
Digits = Annotated[SecretStr, Field(min_length=1, max_length=40, examples=["123456789"])]


class NewMerchant(RequestModel):
    """A merchant: the gateway's four-part key, limits in minor units, and how accounts are verified."""

    name: Line
    cust_nbr: KeyPart = Field(examples=["7000"])
    merch_nbr: KeyPart = Field(examples=["700010"])
    dba_nbr: KeyPart = Field(examples=["1"])
    terminal_nbr: KeyPart = Field(examples=["1"])
    verification_policy: Literal["prenote_wait", "gateway_accept", "external"] | None = None
    per_transaction_limit: PositiveAmount | None = None
    per_day_limit: PositiveAmount | None = None
    reinitiate_returns: bool = Field(
        default=False, description="send debits that came back for lack of funds (R01, R09) again, at most twice"
    )


class MerchantView(ResponseModel):
    """A merchant."""

    id: str
    name: str
    merch_nbr: str
    terminal_nbr: str
    verification_policy: str
    per_transaction_limit: int
    per_day_limit: int
    reinitiate_returns: bool
    created_at: datetime


class NewAchAccount(RequestModel):
    """An account to store. PPD, WEB and TEL need the holder's first and last name, CCD the company's."""

    merchant_id: str = Field(examples=["mer_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    customer_id: CustomerId = Field(examples=["customer-42"])
    account_type: Literal["checking", "savings"]
    routing_number: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(examples=["011000015"])
    account_number: Digits
    sec: Sec = "PPD"
    first_name: Name | None = None
    last_name: Name | None = None
    company_name: CompanyName | None = None
    bank_name: Annotated[Line, Field(max_length=100)] | None = None
    prenote_direction: Literal["debit", "credit"] = Field(
        default="debit", description="`credit` prenotes with CKC1 / CKS1: the account then takes credits only"
    )


class AccountProof(RequestModel):
    """Another validator's word that the account is open: who says so, and where the proof is kept."""

    validator: Annotated[Line, Field(max_length=100)] = Field(examples=["bank-data look-up"])
    reference: Line = Field(examples=["validation 2026-11-20/4711"])


class AchAccountView(ResponseModel):
    """A stored account: never its number, only the last four digits."""

    id: str
    payment_type: Literal["ach"] = "ach"
    merchant_id: str
    customer_id: str
    account_type: str
    routing_number: str
    last_four: str
    bank_name: str | None
    sec: str
    prenote_direction: str
    state: Literal["created", "prenoted", "stored", "failed", "cancelled"]
    is_verified: bool
    is_active: bool
    verification_policy: str
    verification_state: Literal["none", "submitted", "verified", "failed", "revoked"]
    verifies_at: datetime | None
    validator: str | None
    validation_reference: str | None
    code: str | None
    message: str | None
    who_must_act: str | None
    return_count: int
    last_used_at: datetime | None
    created_at: datetime
    links: Links
    detail: FlowDetail | None = None


def merchant_view(row: Mapping[Any, Any]) -> MerchantView:
    """A merchant from its row."""
    return MerchantView(
        id=public_id("mer", row["id"]),
        **{name: row[name] for name in MerchantView.model_fields if name != "id"},
    )


def account_view(
    row: Mapping[Any, Any], last_used_at: datetime | None, links: Links, detail: FlowDetail | None = None
) -> AchAccountView:
    """An account from its row and when it was last used."""
    shown = {
        name: row[name] for name in AchAccountView.model_fields if name in row and name not in {"id", "merchant_id"}
    }
    return AchAccountView(
        id=public_id("acct", row["id"]),
        merchant_id=public_id("mer", row["merchant_id"]),
        is_verified=row["verification_state"] == "verified",
        who_must_act=row["must_act"],
        last_used_at=last_used_at,
        links=links,
        detail=detail,
        **shown,
    )
