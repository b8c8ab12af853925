"""/v1/payees: who is paid back, and by which methods."""

from uuid import UUID

from api.auth import needs
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.payee import (
    NewPayee,
    NewPayoutMethod,
    PayeeMade,
    PayeeView,
    PayoutMethodView,
    payee_view,
    payout_method_view,
)
from api.unit_of_work import Work
from db.queries import payee as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id, public_id
from services import payee as service

routes = router("payees")


@routes.post("", status_code=201, dependencies=[needs("payees:write")], response_model=PayeeMade)
async def create(body: NewPayee, once: Once) -> object:
    """Store a person. The answer, which is kept for repeats, names nobody."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.create_payee(uow, queries.Person(body.name, body.email))
        return Answer(201, PayeeMade(id=public_id("payee", row["id"]), created_at=row["created_at"]))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("payees:read")])
async def list_all(uow: Work, pages: Pages) -> Page[PayeeView]:
    """Payees, newest first."""
    rows = await queries.listed(uow, after=pages.after, limit=pages.fetch)
    methods = await queries.methods_of(uow, [row["id"] for row in rows])
    return pages.page(rows, lambda row: payee_view(row, queries.person(uow, row), methods), lambda row: row["id"])


@routes.get("/{payee_id}", dependencies=[needs("payees:read")])
async def get(payee_id: str, uow: Work) -> PayeeView:
    """One payee with the present payout methods."""
    row = await queries.get(uow, _id(payee_id))
    return payee_view(row, queries.person(uow, row), await queries.methods_of(uow, [row["id"]]))


@routes.post(
    "/{payee_id}/payout-methods",
    status_code=201,
    dependencies=[needs("payees:write")],
    response_model=PayoutMethodView,
)
async def add_method(payee_id: str, body: NewPayoutMethod, once: Once) -> object:
    """Add a way to be paid, or correct one: the old record is archived, so that reports keep what they used."""
    replaces = None if body.replaces is None else _method_id(body.replaces, field="replaces")

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.add_method(
            uow,
            _id(payee_id),
            body.kind,
            body.details(),
            label=body.label,
            make_default=body.default,
            replaces=replaces,
        )
        return Answer(201, payout_method_view(row))

    return await once.answer(deed)


@routes.post(
    "/{payee_id}/payout-methods/{method_id}/default",
    dependencies=[needs("payees:write")],
    response_model=PayoutMethodView,
)
async def make_default(payee_id: str, method_id: str, once: Once) -> object:
    """Have new reports take this method. Payouts under way or stuck do not move with it."""

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(200, payout_method_view(await service.make_default(uow, _id(payee_id), _method_id(method_id))))

    return await once.answer(deed)


@routes.post(
    "/{payee_id}/payout-methods/{method_id}/archive",
    dependencies=[needs("payees:write")],
    response_model=PayoutMethodView,
)
async def archive(payee_id: str, method_id: str, once: Once) -> object:
    """Take a method out of use."""

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(200, payout_method_view(await service.archive(uow, _id(payee_id), _method_id(method_id))))

    return await once.answer(deed)


def _id(text: str) -> UUID:
    return parse_public_id("payee", text, field="payee_id")


def _method_id(text: str, *, field: str = "method_id") -> UUID:
    return parse_public_id("pm", text, field=field)
