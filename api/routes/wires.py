"""/v1/reports/{id}/wire…: a payout that a person sends at the bank and another confirms."""

from collections.abc import Awaitable, Callable

from fastapi import Response

from api.auth import Asker, needs
from api.context import Context
from api.idempotency import Answer, Once
from api.router import router
from api.routes.reports import report_key
from api.schemas.money_call import Confirmation
from api.schemas.wire import (
    WireOrderView,
    WireOwner,
    WireRefused,
    WireReturned,
    WireReturnView,
    WireSent,
    WireTaskView,
    wire_order_view,
    wire_return_view,
    wire_task_view,
)
from api.unit_of_work import Work
from db.queries.report import FLOW
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import money_call as resolution
from services import wire as service
from services import wire_return as returns
from services.wire import WireTask

routes = router("reports")


@routes.get("/{report_id}/wire", dependencies=[needs("wires:write")])
async def order(report_id: str, uow: Work, context: Context, response: Response) -> WireOrderView:
    """What is to be sent, for its owner, with the payee's account. Audited, and not to be kept."""
    response.headers["Cache-Control"] = "no-store"
    return wire_order_view(await service.read(uow, context.flows[FLOW], report_key(report_id)))


@routes.post("/{report_id}/wire-sent", status_code=202, response_model=WireTaskView)
async def sent(report_id: str, body: WireSent, once: Once, context: Context, asker: Asker) -> object:
    """Say that the bank executed it, under the bank's reference. Another operator confirms."""
    flow, key = context.flows[FLOW], report_key(report_id)
    return await _said(once, lambda uow: service.say_sent(uow, flow, asker, key, body.bank_reference, body.evidence))


@routes.post("/{report_id}/wire-refused", status_code=202, response_model=WireTaskView)
async def refused(report_id: str, body: WireRefused, once: Once, context: Context, asker: Asker) -> object:
    """Say that it was not sent and will not be. Another operator confirms."""
    flow, key = context.flows[FLOW], report_key(report_id)
    return await _said(once, lambda uow: service.say_refused(uow, flow, asker, key, body.reason, body.who_must_act))


@routes.post("/{report_id}/wire-confirm")
async def confirm(report_id: str, body: Confirmation, context: Context, asker: Asker) -> WireTaskView:
    """Confirm what another operator said of the wire. Safe to repeat: it is settled once."""
    flow, key = context.flows[FLOW], report_key(report_id)
    async with context.database.unit_of_work(
        asker.organization_id, actor=asker.actor, request_id=asker.request_id
    ) as uow:
        task = await service.read_task(uow, flow, key)
    await resolution.confirm(context.database, context.settler, asker, task.call["id"], bytes.fromhex(body.seen))
    async with context.database.unit_of_work(
        asker.organization_id, actor=asker.actor, request_id=asker.request_id
    ) as uow:
        return wire_task_view(await service.read_task(uow, flow, key))


@routes.post("/{report_id}/wire-returned", status_code=202, response_model=WireReturnView)
async def returned(report_id: str, body: WireReturned, once: Once, context: Context, asker: Asker) -> object:
    """Say that the bank sent a paid wire back, with the line that brought the money. Another operator confirms."""
    flow, key = context.flows[FLOW], report_key(report_id)

    async def answer(uow: UnitOfWork) -> Answer:
        return Answer(202, wire_return_view(await returns.propose(uow, flow, asker, key, **body.model_dump())))

    return await once.answer(answer)


@routes.get("/{report_id}/wire-returned", dependencies=[needs("reports:read")])
async def returned_told(report_id: str, uow: Work, context: Context) -> WireReturnView:
    """What was told of a wire that came back, with the `seen` that confirms it."""
    return wire_return_view(await returns.read(uow, context.flows[FLOW], report_key(report_id)))


@routes.post("/{report_id}/wire-returned-confirm", response_model=WireReturnView)
async def returned_confirm(report_id: str, body: Confirmation, once: Once, context: Context, asker: Asker) -> object:
    """Confirm that the wire came back: its money is owed to the payout again, and who must act is asked."""
    flow, key = context.flows[FLOW], report_key(report_id)

    async def answer(uow: UnitOfWork) -> Answer:
        return Answer(200, wire_return_view(await returns.confirm(uow, flow, asker, key, bytes.fromhex(body.seen))))

    return await once.answer(answer)


@routes.post("/{report_id}/wire-owner", dependencies=[needs("wires:write")], response_model=WireTaskView)
async def assign(report_id: str, body: WireOwner, once: Once, context: Context) -> object:
    """Give the task to another operator."""
    operator_id = parse_public_id("opr", body.operator_id, field="operator_id")
    flow, key = context.flows[FLOW], report_key(report_id)
    return await _said(once, lambda uow: service.assign(uow, flow, key, operator_id), status=200)


async def _said(once: Once, deed: Callable[[UnitOfWork], Awaitable[WireTask]], *, status: int = 202) -> object:
    async def answer(uow: UnitOfWork) -> Answer:
        return Answer(status, wire_task_view(await deed(uow)))

    return await once.answer(answer)
