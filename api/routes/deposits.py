"""/v1/deposits: money that an organization put into the bank account, booked once per line of the bank."""

from api.auth import Asker, needs
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.deposit import DepositView, NewDeposit, deposit_view
from api.unit_of_work import Work
from db.queries import deposit as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money import Money
from services import deposit as service

routes = router("deposits")


@routes.post("", status_code=201, dependencies=[needs("deposits:write")], response_model=DepositView)
async def record(body: NewDeposit, once: Once, asker: Asker) -> object:
    """Book a deposit that the bank's statement shows."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.record(
            uow,
            asker,
            Money(body.amount, body.currency),
            bank_account=body.bank_account,
            bank_reference=body.bank_reference,
            received_on=body.received_on,
        )
        return Answer(201, deposit_view(row))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("deposits:read")])
async def list_all(uow: Work, pages: Pages) -> Page[DepositView]:
    """Deposits, newest first."""
    rows = await queries.listed(uow, after=pages.after, limit=pages.fetch)
    return pages.page(rows, deposit_view, lambda row: row["id"])


@routes.get("/{deposit_id}", dependencies=[needs("deposits:read")])
async def get(deposit_id: str, uow: Work) -> DepositView:
    """One deposit."""
    return deposit_view(await queries.get(uow, parse_public_id("dep", deposit_id, field="deposit_id")))
