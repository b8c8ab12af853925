"""/v1/ach-voids: the void of a debit, made by POST /v1/ach-debits/{id}/void."""

from api.ach_pages import entry_id, entry_view, read_entry
from api.auth import Asker, needs
from api.context import Context
from api.flow_pages import asked
from api.idempotency import Answer, Once
from api.router import router
from api.schemas.ach_transaction import AchTransactionView
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.unit_of_work import UnitOfWork
from services.flow_command import command

FLOW = "ach-void"
routes = router("ach-voids")


@routes.get("/{void_id}", dependencies=[needs("ach_debits:read")])
async def get(void_id: str, uow: Work, context: Context) -> AchTransactionView:
    """One void with its money calls, ledger lines, timeline and cases."""
    return await read_entry(context, uow, FLOW, void_id)


@routes.post("/{void_id}/retry", status_code=202, response_model=AchTransactionView)
async def retry(void_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Look again at a void that was not handed over: its gateway is back, or its run was terminated."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, entry_id(void_id, "void_id"), "retry", asked(body))
        return Answer(202, entry_view(context, row))

    return await once.answer(deed)


@routes.post("/{void_id}/cancel", status_code=202, response_model=AchTransactionView)
async def cancel(void_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before the void is handed to the gateway: the debit then stands."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, entry_id(void_id, "void_id"), "cancel", asked(body))
        return Answer(202, entry_view(context, row))

    return await once.answer(deed)
