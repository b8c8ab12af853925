"""/v1/ach-credits: pay out to an account, or refund a settled debit."""

from uuid import UUID

from api.ach_pages import entry_id, entry_view, read_entry, when_answered
from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked
from api.idempotency import Answer, Once
from api.router import router
from api.schemas.ach_transaction import AchTransactionView, NewAchCredit, refund_warnings
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput
from domain.ids import parse_public_id
from domain.money import Money
from services import ach_credit as service
from services.flow_command import command

FLOW = "ach-credit"
routes = router("ach-credits")


@routes.post("", status_code=202, dependencies=[needs("ach_credits:write")], response_model=AchTransactionView)
async def credit(body: NewAchCredit, once: Once, context: Context) -> object:
    """Credit an account within the merchant's limits. With a parent it refunds that debit, never more than is left."""
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        view = await _start(uow, context, body, made)
        return Answer(202, view)

    return await once.answer(deed, when_answered(context, made))


@routes.get("/{credit_id}", dependencies=[needs("ach_credits:read")])
async def get(credit_id: str, uow: Work, context: Context) -> AchTransactionView:
    """One payout or refund with its money calls, ledger lines, timeline and cases."""
    return await read_entry(context, uow, FLOW, credit_id)


@routes.post("/{credit_id}/retry", status_code=202, response_model=AchTransactionView)
async def retry(credit_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Look again at a credit that was not handed over: its gateway is back, or its run was terminated."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, entry_id(credit_id, "credit_id"), "retry", asked(body))
        return Answer(202, entry_view(context, row))

    return await once.answer(deed)


@routes.post("/{credit_id}/cancel", status_code=202, response_model=AchTransactionView)
async def cancel(credit_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before the credit is handed to the gateway."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, entry_id(credit_id, "credit_id"), "cancel", asked(body))
        return Answer(202, entry_view(context, row))

    return await once.answer(deed)


async def _start(uow: UnitOfWork, context: ApiContext, body: NewAchCredit, made: list[UUID]) -> AchTransactionView:
    money = Money(body.amount, body.currency)
    account = None
    if body.account_id is not None:
        account = parse_public_id("acct", body.account_id, field="account_id")
    if body.parent_transaction_id is None:
        if account is None:
            raise InvalidInput("account_id", "A payout needs the account that it goes to.")
        row = await service.pay_out(uow, account, money, body.description)
        made.append(row["id"])
        return entry_view(context, row)
    parent = entry_id(body.parent_transaction_id, "parent_transaction_id")
    row = await service.refund(uow, context.settings, parent, account, money, body.description)
    made.append(row["id"])
    original = await queries.get_transaction(uow, parent)
    return entry_view(context, row, warnings=refund_warnings(original, await uow.business_now()))
