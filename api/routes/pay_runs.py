"""/v1/pay-runs: pay all care days of a period."""

from typing import Any
from uuid import UUID

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.flow import CommandRequest, FlowDetail
from api.schemas.pay_run import NewPayRun, PairView, PayRunView, pair_view, pay_run_view
from api.unit_of_work import Work
from db.queries import pay_run as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.pay_run import OPEN, PayRunState, Standing
from services import pay_run as service
from services.flow_command import command

routes = router("pay-runs")


@routes.post("", status_code=202, dependencies=[needs("provider_payments:write")], response_model=PayRunView)
async def start(body: NewPayRun, once: Once, context: Context) -> object:
    """Pay every provider and child's month that has days of the period which nobody submitted yet.

    `Prefer: wait` waits until the run has finished.
    """
    program_id = parse_public_id("prog", body.program_id, field="program_id")
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.start(uow, context.flows, program_id, body.first_day, body.last_day, body.width)
        made.append(row["id"])
        return Answer(202, await _view(context, uow, row))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get(uow, made[0])
        return None if PayRunState(row["state"]) in OPEN else Answer(200, await _view(context, uow, row))

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("provider_payments:read")])
async def list_all(uow: Work, context: Context, pages: Pages, state: PayRunState | None = None) -> Page[PayRunView]:
    """Runs with their progress, newest first."""
    rows = await queries.list_runs(uow, after=pages.after, limit=pages.fetch, filters={"state": state})
    shown = {row["id"]: await _view(context, uow, row) for row in rows}
    return pages.page(rows, lambda row: shown[row["id"]], lambda row: row["id"])


@routes.get("/{run_id}", dependencies=[needs("provider_payments:read")])
async def get(run_id: str, uow: Work, context: Context) -> PayRunView:
    """One run with its progress, timeline and cases."""
    row = await queries.get(uow, _id(run_id))
    return await _view(context, uow, row, await detail_of(uow, queries.FLOW, row["id"]))


@routes.get("/{run_id}/pairs", dependencies=[needs("provider_payments:read")])
async def pairs(run_id: str, uow: Work, pages: Pages, standing: Standing | None = None) -> Page[PairView]:
    """A run's pairs, each with where it stands and why."""
    row = await queries.get(uow, _id(run_id))
    found = await queries.list_pairs(uow, row["id"], after=pages.after, limit=pages.fetch, standing=standing)
    return pages.page(found, pair_view, lambda pair: pair["id"])


@routes.post("/{run_id}/pause", status_code=202, response_model=PayRunView)
async def pause(run_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Begin no further payment until the run is resumed; what is under way goes on."""
    return await _command(once, context, asker, _id(run_id), "pause", body)


@routes.post("/{run_id}/resume", status_code=202, response_model=PayRunView)
async def resume(run_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Go on after a pause."""
    return await _command(once, context, asker, _id(run_id), "resume", body)


@routes.post("/{run_id}/retry", status_code=202, response_model=PayRunView)
async def retry(run_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Try again what was refused or stopped, and nothing else."""
    return await _command(once, context, asker, _id(run_id), "retry", body)


@routes.post("/{run_id}/cancel", status_code=202, response_model=PayRunView)
async def cancel(run_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Begin no further payment, for good; what is under way goes on."""
    return await _command(once, context, asker, _id(run_id), "cancel", body)


async def _command(once: Once, context: ApiContext, asker: Asker, run_id: UUID, name: str, body: Any) -> object:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[queries.FLOW], asker, run_id, name, asked(body))
        return Answer(202, await _view(context, uow, row))

    return await once.answer(deed)


async def _view(context: ApiContext, uow: UnitOfWork, row: Any, detail: FlowDetail | None = None) -> PayRunView:
    links = links_of(context, context.flows[queries.FLOW].run(row))
    return pay_run_view(row, await queries.progress(uow, row["id"]), links, detail)


def _id(text: str) -> UUID:
    return parse_public_id("prun", text, field="run_id")
