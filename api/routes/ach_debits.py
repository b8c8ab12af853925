"""/v1/ach-debits: pull money from a stored account; /v1/ach-transactions: all ACH transactions."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.ach import AchTransactionView, NewAchDebit, transaction_view
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.ids import parse_public_id
from domain.money import Money
from services import ach as service
from services.flow_command import command, doubt_of

FLOW = "ach-debit"
routes = router("ach-debits")
transactions = router("ach-transactions")


@routes.post("", status_code=202, dependencies=[needs("ach_debits:write")], response_model=AchTransactionView)
async def debit(body: NewAchDebit, once: Once, context: Context) -> object:
    """Debit a verified account within the merchant's limits. `Prefer: wait` waits for the gateway's answer."""
    account_id = parse_public_id("acct", body.account_id, field="account_id")
    money = Money(body.amount, body.currency)
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.debit(uow, context.settings, account_id, money, body.sec, body.description)
        made.append(row["id"])
        return Answer(202, _view(context, row, None))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get_transaction(uow, made[0])
        if row["ach_state"] in (AchState.CREATED, AchState.SUBMITTING):
            return None
        return Answer(200, await _whole(context, uow, made[0]))

    return await once.answer(deed, settled)


@routes.get("/{debit_id}", dependencies=[needs("ach_debits:read")])
async def get(debit_id: str, uow: Work, context: Context) -> AchTransactionView:
    """One debit with its money calls, ledger lines, timeline and cases."""
    return await _whole(context, uow, _id(debit_id))


@routes.post("/{debit_id}/cancel", status_code=202, response_model=AchTransactionView)
async def cancel(debit_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before the debit is handed to the gateway."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, _id(debit_id), "cancel", asked(body))
        return Answer(202, _view(context, row, None))

    return await once.answer(deed)


@transactions.get("", dependencies=[needs("ach_debits:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    customer_id: Annotated[str | None, Query(max_length=100)] = None,
    account_id: Annotated[str | None, Query(max_length=60)] = None,
    ach_state: AchState | None = None,
    direction: Literal["debit", "credit"] | None = None,
) -> Page[AchTransactionView]:
    """ACH transactions, newest first."""
    filters: dict[str, Any] = {
        name: value
        for name, value in (("customer_id", customer_id), ("ach_state", ach_state), ("direction", direction))
        if value is not None
    }
    if account_id is not None:
        filters["account_id"] = parse_public_id("acct", account_id, field="account_id")
    rows = await queries.list_transactions(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, lambda row: _view(context, row, None), lambda row: row["id"])


def _view(context: ApiContext, row: Any, doubt: str | None) -> AchTransactionView:
    return transaction_view(row, links_of(context, context.flows[FLOW].run(row)), doubt)


async def _whole(context: ApiContext, uow: UnitOfWork, debit_id: UUID) -> AchTransactionView:
    row = await queries.get_transaction(uow, debit_id)
    return transaction_view(
        row,
        links_of(context, context.flows[FLOW].run(row)),
        await doubt_of(uow, FLOW, debit_id),
        await detail_of(uow, FLOW, debit_id),
    )


def _id(text: str) -> UUID:
    return parse_public_id("achtx", text, field="debit_id")
