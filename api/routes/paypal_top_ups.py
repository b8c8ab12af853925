"""/v1/paypal-top-ups: money that we moved from FS Main to our PayPal balance, booked once per line of the bank."""

from api.auth import Asker, needs
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.paypal_top_up import NewTopUp, TopUpView, top_up_view
from api.unit_of_work import Work
from db.queries import paypal_top_up as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import paypal_top_up as service

routes = router("paypal-top-ups")


@routes.post("", status_code=201, dependencies=[needs("deposits:write")], response_model=TopUpView)
async def record(body: NewTopUp, once: Once, asker: Asker) -> object:
    """Book a movement to PayPal that the bank's statement shows."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.record(uow, asker, body.amount, bank_reference=body.bank_reference, moved_on=body.moved_on)
        return Answer(201, top_up_view(row))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("deposits:read")])
async def list_all(uow: Work, pages: Pages) -> Page[TopUpView]:
    """Top-ups, newest first."""
    rows = await queries.listed(uow, after=pages.after, limit=pages.fetch)
    return pages.page(rows, top_up_view, lambda row: row["id"])


@routes.get("/{top_up_id}", dependencies=[needs("deposits:read")])
async def get(top_up_id: str, uow: Work) -> TopUpView:
    """One top-up."""
    return top_up_view(await queries.get(uow, parse_public_id("ppt", top_up_id, field="top_up_id")))
