"""Wires in the API: tasks of a person, with what the bank's page asks for."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.fields import Line, RequestModel, ResponseModel
from api.schemas.money_call import MoneyCallDetail, money_call_detail
from domain.ids import public_id
from services.wire import WireTask

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
