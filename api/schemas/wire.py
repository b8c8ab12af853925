"""Wires in the API: tasks of a person, with what the bank's page asks for."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.fields import LARGEST_AMOUNT, Line, RequestModel, ResponseModel
from api.schemas.money_call import MoneyCallDetail, money_call_detail
from domain.ids import public_id
from services.wire import WireTask
from services.wire_return import ToldReturn

Evidence = Field(min_length=10, max_length=2000, examples=["The bank's page says executed, 2026-11-20 15:04"])


class WireSent(RequestModel):
    """The bank executed it: the bank's own reference, and how you know."""

    bank_reference: str = Field(min_length=3, max_length=255, pattern=r"^[!-~]+$", examples=["20261120B1QGC0"])
    evidence: str = Evidence


class WireRefused(RequestModel):
    """It was not sent and will not be: why, and whether other details of the payee mend it."""

    reason: str = Evidence
    who_must_act: Literal["payee", "operator"] = "operator"


class WireOwner(RequestModel):
    """Who sends it from now on."""

    operator_id: Line


class WireReturned(RequestModel):
    """The bank sent it back: the line of its statement that brought the money, why, and who mends it."""

    bank_reference: str = Field(min_length=3, max_length=100, pattern=r"^[!-~]+$", examples=["20261124R1QGC0"])
    returned_on: date
    fee: int = Field(
        default=0, ge=0, le=LARGEST_AMOUNT, description="what the bank kept of it, minor units", examples=[1500]
    )
    reason: str = Field(min_length=10, max_length=200, examples=["The beneficiary's account is closed"])
    who_must_act: Literal["payee", "operator"] = "operator"


class WireReturnView(ResponseModel):
    """A return as it was told; another operator confirms it by `seen`."""

    report_id: str
    attempt: int
    bank_reference: str
    returned_on: date
    fee: int
    reason: str
    who_must_act: str
    proposed_by: str
    confirmed_by: str | None
    seen: str


class WireTaskView(ResponseModel):
    """A task: whose it is, until when, and its money call with what was proposed."""

    report_id: str
    attempt: int
    owner_id: str
    due_at: datetime
    overdue: bool
    money_call: MoneyCallDetail


class WireOrderView(WireTaskView):
    """A task with the order. The only answer that shows a payee's account: it is never stored, reading is audited."""

    order: dict[str, str]


def wire_return_view(told: ToldReturn) -> WireReturnView:
    """What was told of a wire that came back."""
    row = told.row
    return WireReturnView(
        report_id=public_id("rmr", told.report_id),
        attempt=told.attempt,
        bank_reference=row["bank_reference"],
        returned_on=row["returned_on"],
        fee=row["fee"],
        reason=row["reason"],
        who_must_act=row["must_act"],
        proposed_by=public_id("opr", row["proposed_by"]),
        confirmed_by=public_id("opr", row["confirmed_by"]) if row["confirmed_by"] else None,
        seen=row["proposal_hash"].hex(),
    )


def wire_task_view(task: WireTask) -> WireTaskView:
    """A task without the order."""
    return WireTaskView(
        report_id=public_id("rmr", task.report_id),
        attempt=task.attempt["ordinal"],
        owner_id=public_id("opr", task.attempt["owner_id"]),
        due_at=task.due_at,
        overdue=task.attempt["overdue_at"] is not None,
        money_call=money_call_detail(task.call),
    )


def wire_order_view(task: WireTask) -> WireOrderView:
    """A task with the order."""
    return WireOrderView(**wire_task_view(task).model_dump(), order=task.order)
