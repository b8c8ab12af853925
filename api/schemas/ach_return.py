"""Returns and corrections in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints

from api.fields import PositiveAmount, RequestModel, ResponseModel
from api.schemas.flow import CaseView, Links
from domain.ids import public_id

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$")]
Guid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,40}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]


class NewAchReturn(RequestModel):
    """A return, or a notification of change, of an entry named by AUTH_GUID or TRAN_NBR."""

    code: Code = Field(examples=["R01"])
    auth_guid: Guid | None = None
    tran_nbr: Number | None = Field(default=None, examples=["1000001"])
    return_date: date
    amount: PositiveAmount | None = Field(default=None, description="checked against the entry's, when given")
    addenda: Annotated[str, StringConstraints(pattern=r"^[ -~]{0,44}$")] = ""
    corrected_data: Annotated[SecretStr, Field(max_length=94)] | None = Field(
        default=None, description="of a notification of change: its 29 columns, or the whole addenda record"
    )
    event_id: EventId | None = Field(default=None, description="the teller's own id of this event")


class ToldView(ResponseModel):
    """It is stored, and will be processed once."""

    id: str = Field(
        examples=["ret_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"],
        description="of the return, `chg_…` once it is a correction of one of your accounts",
    )
    kind: Literal["return", "noc"]
    state: Literal["stored", "processed"]
    resource: str | None = Field(default=None, description="once it is processed: where what became of it stands")


class AchReturnView(ResponseModel):
    """A return and what was decided. `age_days` counts business time since it was received."""

    id: str
    kind: Literal["return", "dishonor", "contest"]
    came_by: Literal["feed", "file", "api"]
    code: str
    title: str
    known_code: bool
    category: str
    auth_guid: str
    tran_nbr: str
    addenda: str
    returned_on: date | None
    received_at: datetime
    age_days: int
    state: Literal["unmatched", "decided", "does_not_fit", "dismissed"]
    transaction_id: str | None
    account_id: str | None
    merchant_id: str | None
    direction: Literal["debit", "credit"] | None
    prenote: bool
    decided_at: datetime | None
    account_effect: Literal["none", "hold", "disable_debits", "disable"] | None
    hold_released_at: datetime | None
    authorization_revoked: bool
    loss_amount: int
    reason: str
    who_must_act: str | None
    reinitiation_state: Literal["planned", "made", "canceled"] | None
    reinitiate_on: date | None
    reinitiation_id: str | None
    links: Links
    cases: list[CaseView]


class AchAccountChangeView(ResponseModel):
    """A correction of a stored account. The data itself is never shown."""

    id: str
    account_id: str
    transaction_id: str | None
    code: str
    title: str
    corrected_fields: list[str]
    received_at: datetime
    due_on: date
    state: Literal["pending", "applied", "repeated", "kept", "rejected", "failed"]
    applied_at: datetime | None
    message: str | None
    who_must_act: str | None
    links: Links


class Reason(RequestModel):
    """Why an operator does it; kept in the audit trail."""

    reason: str = Field(min_length=5, max_length=500)


def shown(prefix: str, value: Any) -> str | None:
    """An id as the API shows it, where there is one."""
    return None if value is None else public_id(prefix, value)


def same_names(model: type[ResponseModel], row: Mapping[Any, Any], *others: str) -> dict[str, Any]:
    """The columns that the view shows as they are."""
    return {name: row[name] for name in model.model_fields if name in row and name not in {"id", *others}}
