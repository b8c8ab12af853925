"""Receipts, the locks of their addresses, and where the same file or the same spending stands a second time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, insert, literal, select

from db.tables.receipt import receipt
from db.tables.report import expense, report
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound

SAME_FILE = "receipt_used_before"
SAME_SPENDING = "spent_before"
MOST_WARNINGS = 200
_LOCK_SPACE = 7231013


def address_of(uow: UnitOfWork, sha256: bytes) -> str:
    """Where a file of the organization lies. A keyed fingerprint: the store cannot tell which known file it is."""
    organization = uow.organization_id.hex
    return f"{organization}/{uow.fingerprint.of('receipt', organization, sha256.hex()).hex()}"


async def lock_address(uow: UnitOfWork, address: str) -> None:
    """Until this transaction ends nobody else puts or deletes what lies under the address."""
    await uow.connection.execute(select(func.pg_advisory_xact_lock(_lock(address))))


async def try_lock_address(uow: UnitOfWork, address: str) -> bool:
    """The same without waiting; False when somebody has it."""
    got: bool = (await uow.connection.execute(select(func.pg_try_advisory_xact_lock(_lock(address))))).scalar_one()
    return got


def _lock(address: str) -> Any:
    return func.hashtextextended(literal(address), _LOCK_SPACE)


async def add(uow: UnitOfWork, receipt_id: UUID, values: Mapping[str, Any]) -> RowMapping | None:
    """Attach a file to an expense; None when this very file is attached already."""
    standing = await uow.one_or_none(
        select(receipt.c.id).where(receipt.c.expense_id == values["expense_id"], receipt.c.sha256 == values["sha256"])
    )
    if standing is not None:
        return None
    added = insert(receipt).values(id=receipt_id, organization_id=uow.organization_id, **values).returning(receipt)
    row: RowMapping = (await uow.connection.execute(added)).mappings().one()
    return row


async def get(uow: UnitOfWork, expense_id: UUID, receipt_id: UUID) -> RowMapping:
    """One receipt of an expense. Raises NotFound."""
    row = await uow.one_or_none(select(receipt).where(receipt.c.id == receipt_id, receipt.c.expense_id == expense_id))
    if row is None:
        raise NotFound("receipt")
    return row


async def remove(uow: UnitOfWork, receipt_ids: Sequence[UUID]) -> None:
    """Forget which file proves what; the sweep deletes a file that nothing refers to any more."""
    await uow.connection.execute(delete(receipt).where(receipt.c.id.in_(receipt_ids)))


async def of_expenses(uow: UnitOfWork, expense_ids: Sequence[UUID]) -> list[RowMapping]:
    """The receipts of these expenses, oldest first."""
    return await uow.all(select(receipt).where(receipt.c.expense_id.in_(expense_ids)).order_by(receipt.c.id))


async def in_use(uow: UnitOfWork, addresses: Sequence[str]) -> set[str]:
    """Those of the addresses that a receipt refers to, of whichever organization the unit of work sees."""
    found = await uow.connection.execute(select(receipt.c.address).where(receipt.c.address.in_(addresses)))
    return set(found.scalars())


async def warnings_of(uow: UnitOfWork, expense_ids: Sequence[UUID]) -> list[RowMapping]:
    """Where the same file, or the same payee's same amount of the same day, stands in another expense.

    Rows of `expense_id`, `code`, `other_expense_id`, `other_report_id` and `other_state`.
    """
    mine, other = receipt.alias("mine"), receipt.alias("other")
    same_file = (
        select(
            mine.c.expense_id,
            literal(SAME_FILE).label("code"),
            expense.c.id.label("other_expense_id"),
            report.c.id.label("other_report_id"),
            report.c.state.label("other_state"),
        )
        .join(other, (other.c.sha256 == mine.c.sha256) & (other.c.expense_id != mine.c.expense_id))
        .join(expense, expense.c.id == other.c.expense_id)
        .join(report, report.c.id == expense.c.report_id)
        .where(mine.c.expense_id.in_(expense_ids))
    )
    spent, its_report = expense.alias("spent"), report.alias("its_report")
    same_spending = (
        select(
            spent.c.id,
            literal(SAME_SPENDING),
            expense.c.id,
            report.c.id,
            report.c.state,
        )
        .join(its_report, its_report.c.id == spent.c.report_id)
        .join(
            expense,
            (expense.c.amount == spent.c.amount)
            & (expense.c.spent_on == spent.c.spent_on)
            & (expense.c.id != spent.c.id),
        )
        .join(report, (report.c.id == expense.c.report_id) & (report.c.payee_id == its_report.c.payee_id))
        .where(spent.c.id.in_(expense_ids))
    )
    both = same_file.union(same_spending).subquery()
    return await uow.all(select(both).order_by(both.c.code, both.c.other_expense_id).limit(MOST_WARNINGS))
