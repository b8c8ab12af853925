"""/v1/programs: subsidy programmes, and the money that reaches them at Chek."""

from datetime import date
from uuid import UUID

from api.auth import needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.pay_run import DueView, due_view
from api.schemas.program import FundingView, NewFunding, NewProgram, ProgramView, funding_view, program_view
from api.unit_of_work import Work
from db.queries import program as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money import Money
from services import pay_run
from services import program as service

routes = router("programs")


@routes.post("", status_code=201, dependencies=[needs("programs:write")], response_model=ProgramView)
async def create(body: NewProgram, once: Once, context: Context) -> object:
    """Register a programme that exists at Chek."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.create(
            uow,
            context.settings,
            body.name,
            body.chek_program_id,
            time_zone=body.time_zone,
            cap=body.cap,
            children_per_provider=body.children_per_provider,
            last_month=body.last_month,
        )
        return Answer(201, program_view(row, await uow.business_now()))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("programs:read")])
async def list_all(uow: Work, pages: Pages) -> Page[ProgramView]:
    """Programmes, newest first."""
    rows = await queries.list_programs(uow, after=pages.after, limit=pages.fetch, filters={})
    now = await uow.business_now()
    return pages.page(rows, lambda row: program_view(row, now), lambda row: row["id"])


@routes.get("/{program_id}", dependencies=[needs("programs:read")])
async def get(program_id: str, uow: Work) -> ProgramView:
    """One programme."""
    return program_view(await queries.get(uow, _id(program_id)), await uow.business_now())


@routes.post(
    "/{program_id}/fundings", status_code=201, dependencies=[needs("programs:write")], response_model=FundingView
)
async def fund(program_id: str, body: NewFunding, once: Once) -> object:
    """Book money that reached the programme at Chek. A reference is booked once."""

    async def deed(uow: UnitOfWork) -> Answer:
        row, is_new = await service.fund(uow, _id(program_id), Money(body.amount, body.currency), body.reference)
        return Answer(201 if is_new else 200, funding_view(row))

    return await once.answer(deed)


def _id(text: str) -> UUID:
    return parse_public_id("prog", text, field="program_id")


@routes.get("/{program_id}/due-pairs", dependencies=[needs("provider_payments:read")])
async def due_pairs(program_id: str, uow: Work, first_day: date | None = None, last_day: date | None = None) -> DueView:
    """What a pay run over these days would pay now, over all days without them; records nothing and asks nobody."""
    owner = parse_public_id("prog", program_id, field="program_id")
    return due_view(await pay_run.due(uow, owner, first_day, last_day))
