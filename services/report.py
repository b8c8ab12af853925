"""Writing reports: drafts, their payout method, their maximum, and who may not decide on them."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import payee as payees
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.principal import Principal
from domain.report import ReportState, refuse_author, refuse_payee, require_draft


async def create(
    uow: UnitOfWork, asker: Principal, payee_id: UUID, *, name: str | None, currency: str, method_id: UUID | None
) -> RowMapping:
    """A draft. The payee's default method is taken unless another is named; it stays the report's own."""
    if currency != "USD":
        raise InvalidInput("currency", "Reports are in US dollars.", code="unsupported_currency")
    payee = await payees.get(uow, payee_id)
    if method_id is None:
        default = await payees.default_method(uow, payee_id)
        method_id = None if default is None else default["id"]
    else:
        await _require_own_method(uow, payee_id, method_id)
    today = (await uow.business_now()).date()
    report_id = new_id()
    await queries.add(
        uow,
        report_id,
        {
            "payee_id": payee_id,
            "payee_operator_id": payee["operator_id"],
            "method_id": method_id,
            "name": name or f"Expenses from {today:%B} {today.day}, {today.year}",
            "currency": currency,
            "created_by": asker.operator_id,
            "authors": [asker.operator_id],
        },
    )
    return await queries.get(uow, report_id)


async def edit(
    uow: UnitOfWork, asker: Principal, report_id: UUID, *, name: str | None, method_id: UUID | None
) -> RowMapping:
    """Change a draft's name or payout method."""
    row = await queries.get(uow, report_id, lock=True)
    require_draft(row)
    await queries.add_author(uow, row, asker.operator_id)
    if method_id is not None:
        await _require_own_method(uow, row["payee_id"], method_id)
    changes = {key: value for key, value in (("name", name), ("method_id", method_id)) if value is not None}
    return await queries.change(uow, report_id, "edited", **changes) if changes else row


async def limit(uow: UnitOfWork, asker: Principal, report_id: UUID, maximum: int | None) -> RowMapping:
    """Say what the report may come to at most, while nothing is approved. Nobody does that for their own."""
    row = await queries.get(uow, report_id, lock=True)
    await require_other_person(uow, row, asker.operator_id)
    if row["state"] not in (ReportState.DRAFT, ReportState.SUBMITTED):
        raise StateConflict("report_state_conflict", f"The report is {row['state']}: its maximum stands.")
    return await queries.change(uow, report_id, "limited", maximum=maximum)


async def require_other_person(uow: UnitOfWork, row: RowMapping, operator_id: UUID) -> None:
    """Refuse the payee, known by address too, and everybody who wrote a part of the report, whatever their key may."""
    refuse_author(row, operator_id)
    if await payees.is_operator(uow, await payees.get(uow, row["payee_id"]), operator_id):
        refuse_payee()


async def _require_own_method(uow: UnitOfWork, payee_id: UUID, method_id: UUID) -> None:
    method = await payees.get_method(uow, method_id)
    if method["payee_id"] != payee_id or method["archived_at"] is not None:
        raise InvalidInput("payout_method_id", "The payout method is not one of the payee's present methods.")
