"""/v1/ach-debits: pull money from a stored account, and void it before it goes out."""

from uuid import UUID

from sqlalchemy import RowMapping

from api.ach_pages import entry_id, entry_view, read_entry, when_answered
from api.auth import Asker, needs
from api.context import Context
from api.flow_pages import asked
from api.idempotency import Answer, Once
from api.router import router
from api.schemas.ach_transaction import AchTransactionView, NewAchDebit, NewAchVoid
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.flows.ach_authorized_debit import Charge, debit_under
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput
from domain.ids import parse_public_id
from domain.money import Money
from services import ach as service
from services.ach_return import choose_reinitiation
from services.ach_void import void as start_void
from services.flow_command import command

FLOW = "ach-debit"
routes = router("ach-debits")


@routes.post("", status_code=202, dependencies=[needs("ach_debits:write")], response_model=AchTransactionView)
async def debit(body: NewAchDebit, once: Once, context: Context) -> object:
    """Debit a verified account within the merchant's limits. `Prefer: wait` waits for the gateway's answer.

    What repeats needs an authorization on record, which is looked at again when the debit is handed over.
    """
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        row = await choose_reinitiation(uow, await _start(uow, body), body.reinitiate)
        made.append(row["id"])
        return Answer(202, entry_view(context, row))

    return await once.answer(deed, when_answered(context, made))


@routes.get("/{debit_id}", dependencies=[needs("ach_debits:read")])
async def get(debit_id: str, uow: Work, context: Context) -> AchTransactionView:
    """One debit with its money calls, ledger lines, timeline and cases."""
    return await read_entry(context, uow, FLOW, debit_id)


@routes.post("/{debit_id}/retry", status_code=202, response_model=AchTransactionView)
async def retry(debit_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Look again at a debit that was not handed over: its gateway is back, or its run was terminated."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, entry_id(debit_id, "debit_id"), "retry", asked(body))
        return Answer(202, entry_view(context, row))

    return await once.answer(deed)


@routes.post("/{debit_id}/cancel", status_code=202, response_model=AchTransactionView)
async def cancel(debit_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before the debit is handed to the gateway."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, entry_id(debit_id, "debit_id"), "cancel", asked(body))
        return Answer(202, entry_view(context, row))

    return await once.answer(deed)


@routes.post(
    "/{debit_id}/void",
    status_code=202,
    dependencies=[needs("ach_debits:write")],
    response_model=AchTransactionView,
)
async def void(debit_id: str, body: NewAchVoid, once: Once, context: Context) -> object:
    """Take the debit back before it goes out; the answer is the void. Afterwards only a refund gives money back."""
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        row = await start_void(uow, context.settings, entry_id(debit_id, "debit_id"), body.amount, body.reason)
        made.append(row["id"])
        return Answer(202, entry_view(context, row))

    return await once.answer(deed, when_answered(context, made))


async def _start(uow: UnitOfWork, body: NewAchDebit) -> RowMapping:
    account_id = parse_public_id("acct", body.account_id, field="account_id")
    money = Money(body.amount, body.currency)
    if body.authorization_id is None:
        if body.recurring or body.period_on is not None:
            raise InvalidInput(
                "authorization_id", "A debit that repeats needs an authorization.", code="authorization_required"
            )
        return await service.debit(uow, account_id, money, body.sec, body.description, body.authorization_basis)
    if body.authorization_basis is not None:
        raise InvalidInput("authorization_basis", "The authorization on record says how it was authorized.")
    authorization_id = parse_public_id("auth", body.authorization_id, field="authorization_id")
    charge = Charge(authorization_id, account_id, body.sec, money, body.period_on, body.description or None)
    return await debit_under(uow, charge)
