"""/v1/ach-accounts: store an account as a token; its number is never shown again."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.ach import AccountProof, AchAccountView, NewAchAccount, account_view
from api.schemas.flow import CommandRequest, FlowDetail, Links
from api.unit_of_work import Work
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.bank_account import AccountNumber, AccountType
from domain.ids import parse_public_id
from services import ach as service
from services.flow_command import command

FLOW = "ach-account"
SETTLED = ("stored", "failed", "cancelled")
routes = router("ach-accounts")


@routes.post("", status_code=202, dependencies=[needs("ach_accounts:write")], response_model=AchAccountView)
async def store(body: NewAchAccount, once: Once, context: Context) -> object:
    """Store an account: prenote, then token, then verification. The same account again is the same resource."""
    new = service.NewAccount(
        merchant_id=parse_public_id("mer", body.merchant_id, field="merchant_id"),
        customer_id=body.customer_id,
        account_type=AccountType(body.account_type),
        routing_number=body.routing_number,
        account_number=AccountNumber(body.account_number.get_secret_value()),
        sec=body.sec,
        first_name=body.first_name,
        last_name=body.last_name,
        company_name=body.company_name,
        bank_name=body.bank_name,
        prenote_direction=body.prenote_direction,
    )
    stored: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        row, is_new = await service.store_account(uow, context.settings, new)
        stored.append(row["id"])
        return Answer(202 if is_new else 200, await _view(context, uow, row))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get_account(uow, stored[-1])
        return Answer(200, await _whole(context, uow, stored[-1])) if row["state"] in SETTLED else None

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("ach_accounts:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    customer_id: Annotated[str | None, Query(max_length=100)] = None,
    state: Literal["created", "prenoted", "stored", "failed", "cancelled"] | None = None,
) -> Page[AchAccountView]:
    """Accounts, newest first."""
    filters = {name: value for name, value in (("customer_id", customer_id), ("state", state)) if value is not None}
    rows = await queries.list_accounts(uow, after=pages.after, limit=pages.fetch, filters=filters)
    used = await queries.last_used(uow, [row["id"] for row in rows])
    return pages.page(
        rows, lambda row: account_view(row, used.get(row["id"]), _links(context, row)), lambda row: row["id"]
    )


@routes.get("/{account_id}", dependencies=[needs("ach_accounts:read")])
async def get(account_id: str, uow: Work, context: Context) -> AchAccountView:
    """One account with everything that happened to it."""
    return await _whole(context, uow, _id(account_id))


@routes.post("/{account_id}/retry", status_code=202, response_model=AchAccountView)
async def retry(account_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Try storing again after a failure; a prenote that was taken is not sent a second time."""
    return await once.answer(_command(context, asker, _id(account_id), "retry", body))


@routes.post("/{account_id}/cancel", status_code=202, response_model=AchAccountView)
async def cancel(account_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before the prenote is handed to the gateway."""
    return await once.answer(_command(context, asker, _id(account_id), "cancel", body))


@routes.post("/{account_id}/verify", dependencies=[needs("ach_accounts:write")], response_model=AchAccountView)
async def verify(account_id: str, body: AccountProof, once: Once, context: Context) -> object:
    """Verify an account of the policy `external` by another validator's proof."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.verify_account(
            uow, context.settings, _id(account_id), validator=body.validator, reference=body.reference
        )
        return Answer(200, await _view(context, uow, row))

    return await once.answer(deed)


def _command(context: ApiContext, asker: Asker, account_id: UUID, name: str, body: CommandRequest) -> Any:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, account_id, name, asked(body))
        return Answer(202, await _view(context, uow, row))

    return deed


async def _view(context: ApiContext, uow: UnitOfWork, row: Any, detail: FlowDetail | None = None) -> AchAccountView:
    used = await queries.last_used(uow, [row["id"]])
    return account_view(row, used.get(row["id"]), _links(context, row), detail)


async def _whole(context: ApiContext, uow: UnitOfWork, account_id: UUID) -> AchAccountView:
    row = await queries.get_account(uow, account_id)
    return await _view(context, uow, row, await detail_of(uow, FLOW, account_id))


def _links(context: ApiContext, row: Any) -> Links:
    return links_of(context, context.flows[FLOW].run(row))


def _id(text: str) -> UUID:
    return parse_public_id("acct", text, field="account_id")
