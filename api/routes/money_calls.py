"""/v1/money-calls: what is open, and resolving what only a person can find out. Two operators, the same evidence."""

from typing import Literal
from uuid import UUID

from api.auth import Asker, needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.money_call import Confirmation, MoneyCallDetail, Proposal, money_call_detail
from api.unit_of_work import Work
from db.queries import money_call as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money_call import OPEN_STATES
from services import money_call as service

routes = router("money-calls")


@routes.get("", dependencies=[needs("money_calls:read")])
async def list_all(
    uow: Work,
    pages: Pages,
    state: Literal["open", "recorded", "sending", "unknown", "needs_person", "applied", "refused"] = "open",
) -> Page[MoneyCallDetail]:
    """Money calls, newest first; by default those that are open."""
    states = sorted(OPEN_STATES) if state == "open" else [state]
    rows = await queries.page(uow, after=pages.after, limit=pages.fetch, states=states)
    return pages.page(rows, money_call_detail, lambda row: row["id"])


@routes.get("/{money_call_id}", dependencies=[needs("money_calls:read")])
async def get(money_call_id: str, uow: Work) -> MoneyCallDetail:
    """One money call with its evidence and the proposal, if there is one."""
    return money_call_detail(await queries.row(uow, _id(money_call_id)))


@routes.post("/{money_call_id}/resolve", status_code=202, response_model=MoneyCallDetail)
async def resolve(money_call_id: str, body: Proposal, once: Once, asker: Asker) -> object:
    """Propose what became of a call that needs a person. Another operator confirms; until then nothing changes."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.propose(uow, asker, _id(money_call_id), body.outcome, body.rail_id, body.evidence)
        return Answer(202, money_call_detail(row))

    return await once.answer(deed)


@routes.post("/{money_call_id}/confirm")
async def confirm(money_call_id: str, body: Confirmation, context: Context, asker: Asker) -> MoneyCallDetail:
    """Confirm another operator's proposal. Safe to repeat: a call is settled once. Resolving never sends anything."""
    call_id = _id(money_call_id)
    await service.confirm(context.database, context.settler, asker, call_id, bytes.fromhex(body.seen))
    async with context.database.unit_of_work(
        asker.organization_id, actor=asker.actor, request_id=asker.request_id
    ) as uow:
        return money_call_detail(await queries.row(uow, call_id))


def _id(text: str) -> UUID:
    return parse_public_id("mc", text, field="money_call_id")
