"""/v1/reports/{id}/expenses: what was spent. Amounts change in a draft only."""

from uuid import UUID

from api.auth import Asker, needs
from api.expense_pages import expense_views
from api.idempotency import Answer, Once
from api.router import router
from api.routes.reports import report_key
from api.schemas.report import ExpenseView, NewExpense
from api.unit_of_work import Work
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import expense as service

routes = router("reports")


@routes.post(
    "/{report_id}/expenses", status_code=201, dependencies=[needs("reports:write")], response_model=ExpenseView
)
async def add(report_id: str, body: NewExpense, once: Once, asker: Asker) -> object:
    """Add an expense to a draft. Whoever writes one does not decide on the report."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.add(uow, asker, report_key(report_id), body.model_dump())
        return Answer(201, (await expense_views(uow, [row]))[row["id"]])

    return await once.answer(deed)


@routes.put("/{report_id}/expenses/{expense_id}", dependencies=[needs("reports:write")])
async def edit(report_id: str, expense_id: str, body: NewExpense, uow: Work, asker: Asker) -> ExpenseView:
    """Replace an expense of a draft; its receipts stay."""
    row = await service.edit(uow, asker, report_key(report_id), _id(expense_id), body.model_dump())
    return (await expense_views(uow, [row]))[row["id"]]


@routes.delete("/{report_id}/expenses/{expense_id}", status_code=204, dependencies=[needs("reports:write")])
async def remove(report_id: str, expense_id: str, uow: Work, asker: Asker) -> None:
    """Take an expense out of a draft."""
    await service.remove(uow, asker, report_key(report_id), _id(expense_id))


def _id(text: str) -> UUID:
    return parse_public_id("rex", text, field="expense_id")
