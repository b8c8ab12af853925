"""/v1/families and /v1/children: whose subsidy it is, and the wallet it is paid from."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from api.acting_for import READS_OWN, ActingFor
from api.auth import needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.attendance import OverdueWeeks, overdue_view
from api.schemas.family import (
    ChangedContact,
    ChangedSubsidy,
    ChildView,
    FamilyView,
    NewChild,
    NewFamily,
    SubsidyRequest,
    WalletRequest,
    child_view,
    family_view,
)
from api.unit_of_work import Work
from db.queries import contact
from db.queries import family as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import attendance
from services import family as service

routes = router("families")
children = router("children")
ExternalId = Annotated[str | None, Query(max_length=64)]


@routes.post("", status_code=201, dependencies=[needs("families:write")], response_model=FamilyView)
async def create(body: NewFamily, once: Once) -> object:
    """Register a family."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.create_family(uow, body.external_id, body.name, body.language)
        await contact.change(uow, "family", row["id"], email=body.email, language=None)
        return Answer(201, await _view(uow, row["id"]))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("families:read")])
async def list_all(uow: Work, pages: Pages, external_id: ExternalId = None) -> Page[FamilyView]:
    """Families, newest first."""
    rows = await queries.list_families(uow, after=pages.after, limit=pages.fetch, filters={"external_id": external_id})
    users = await queries.chek_users_of(uow, [row["id"] for row in rows])
    return pages.page(rows, lambda row: family_view(row, users.get(row["id"])), lambda row: row["id"])


@routes.get("/{family_id}", dependencies=[needs("families:read"), READS_OWN])
async def get(family_id: str, uow: Work) -> FamilyView:
    """One family."""
    return await _view(uow, _id(family_id))


@routes.post("/{family_id}/contact", dependencies=[needs("families:write")], response_model=FamilyView)
async def change_contact(family_id: str, body: ChangedContact, once: Once) -> object:
    """Say how to write to the family: its address and its language."""

    async def deed(uow: UnitOfWork) -> Answer:
        await queries.get_family(uow, _id(family_id), lock=True)
        await contact.change(uow, "family", _id(family_id), email=body.email, language=body.language)
        return Answer(200, await _view(uow, _id(family_id)))

    return await once.answer(deed)


@routes.post("/{family_id}/wallet", dependencies=[needs("families:write")], response_model=FamilyView)
async def set_wallet(family_id: str, body: WalletRequest, once: Once, context: Context) -> object:
    """Say which Chek user's wallet the family pays from. It is set once."""

    async def deed(uow: UnitOfWork) -> Answer:
        await service.set_wallet(uow, context.flows, _id(family_id), body.chek_user_id)
        return Answer(200, await _view(uow, _id(family_id)))

    return await once.answer(deed)


@children.post("", status_code=201, dependencies=[needs("families:write")], response_model=ChildView)
async def create_child(body: NewChild, once: Once) -> object:
    """Register a child of a family in a programme."""
    family_id = parse_public_id("fam", body.family_id, field="family_id")
    program_id = parse_public_id("prog", body.program_id, field="program_id")

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.create_child(
            uow,
            family_id,
            program_id,
            body.external_id,
            body.name,
            _subsidy(body),
            payment_enabled=body.payment_enabled,
        )
        return Answer(201, child_view(row))

    return await once.answer(deed)


@children.get("", dependencies=[needs("families:read"), READS_OWN])
async def list_children(
    uow: Work,
    pages: Pages,
    family_id: Annotated[str | None, Query(max_length=60)] = None,
    external_id: ExternalId = None,
) -> Page[ChildView]:
    """Children, newest first."""
    filters = {"family_id": None if family_id is None else _id(family_id), "external_id": external_id}
    rows = await queries.list_children(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, child_view, lambda row: row["id"])


@children.get("/{child_id}", dependencies=[needs("families:read"), READS_OWN])
async def get_child(child_id: str, uow: Work) -> ChildView:
    """One child."""
    return child_view(await queries.get_child(uow, parse_public_id("child", child_id, field="child_id")))


@children.post("/{child_id}/subsidy", dependencies=[needs("families:write")], response_model=ChildView)
async def set_subsidy(child_id: str, body: ChangedSubsidy, once: Once) -> object:
    """Say what the child gets from now on, and whether it is enabled for payments."""

    async def deed(uow: UnitOfWork) -> Answer:
        child = parse_public_id("child", child_id, field="child_id")
        row = await service.set_subsidy(uow, child, _subsidy(body), payment_enabled=body.payment_enabled)
        return Answer(200, child_view(row))

    return await once.answer(deed)


@children.get("/{child_id}/overdue-attendance", dependencies=[needs("attendance:read"), READS_OWN])
async def overdue_attendance(child_id: str, uow: Work, party: ActingFor) -> OverdueWeeks:
    """The weeks that must be entered before more is paid for this child, by provider."""
    child = parse_public_id("child", child_id, field="child_id")
    return overdue_view(await attendance.overdue(uow, child, party=party))


def _subsidy(body: SubsidyRequest) -> service.Subsidy:
    return service.Subsidy(body.monthly_amount, body.first_month_amount, body.starts_on)


async def _view(uow: UnitOfWork, family_id: UUID) -> FamilyView:
    return family_view(await queries.get_family(uow, family_id), await queries.chek_user_of(uow, family_id))


def _id(text: str) -> UUID:
    return parse_public_id("fam", text, field="family_id")
