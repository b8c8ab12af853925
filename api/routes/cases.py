"""/v1/cases: what a person must look at."""

from typing import Literal
from uuid import UUID

from api.auth import Asker, needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.case_file import CaseDetail, Closing, case_detail
from api.unit_of_work import Work
from db.queries import case_file as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import case_file as service

routes = router("cases")


@routes.get("", dependencies=[needs("cases:read")])
async def list_all(uow: Work, pages: Pages, state: Literal["open", "closed"] | None = "open") -> Page[CaseDetail]:
    """Cases, newest first; by default the open ones."""
    rows = await queries.page(uow, after=pages.after, limit=pages.fetch, state=state)
    return pages.page(rows, case_detail, lambda row: row["id"])


@routes.get("/{case_id}", dependencies=[needs("cases:read")])
async def get(case_id: str, uow: Work) -> CaseDetail:
    """One case with its evidence."""
    return case_detail(await queries.get(uow, _id(case_id)))


@routes.post("/{case_id}/close", dependencies=[needs("cases:write")], response_model=CaseDetail)
async def close(case_id: str, body: Closing, context: Context, once: Once, asker: Asker) -> object:
    """Close a case with what was done about it. A contradiction blocks its flow until it is closed."""

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(200, case_detail(await service.close(uow, context.flows, asker, _id(case_id), body.resolution)))

    return await once.answer(deed)


def _id(text: str) -> UUID:
    return parse_public_id("case", text, field="case_id")
