"""/v1/merchants: who debits through the gateway."""

from uuid import UUID

from api.auth import needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page
from api.router import router
from api.schemas.ach import MerchantView, NewMerchant, merchant_view
from api.unit_of_work import Work
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import ach as service

routes = router("merchants")


@routes.post("", status_code=201, dependencies=[needs("merchants:write")], response_model=MerchantView)
async def create(body: NewMerchant, once: Once, context: Context) -> object:
    """Register a merchant with its four-part key."""

    async def deed(uow: UnitOfWork) -> Answer:
        given = body.model_dump()
        terminal = {name: given.pop(name) for name in ("cust_nbr", "merch_nbr", "dba_nbr", "terminal_nbr")}
        merchant_id = await service.create_merchant(uow, context.settings, given.pop("name"), terminal, **given)
        return Answer(201, merchant_view(await queries.get_merchant(uow, merchant_id)))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("merchants:read")])
async def list_all(uow: Work) -> Page[MerchantView]:
    """All merchants, by name."""
    rows = await queries.list_merchants(uow)
    return Page(data=[merchant_view(row) for row in rows], has_more=False)


@routes.get("/{merchant_id}", dependencies=[needs("merchants:read")])
async def get(merchant_id: str, uow: Work) -> MerchantView:
    """One merchant."""
    return merchant_view(await queries.get_merchant(uow, _id(merchant_id)))


def _id(text: str) -> UUID:
    return parse_public_id("mer", text, field="merchant_id")
