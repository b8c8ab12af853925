"""Expense payouts, holdings and attempts: what a report pays and how far it is."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Table, bindparam, insert, select

from db.queries.page import after_cursor
from db.queries.report import FLOW
from db.queries.row import by, change_row
from db.tables.money_call import money_call
from db.tables.payee import payee
from db.tables.payout import expense_payout, payout_attempt, payout_holding
from db.tables.report import report
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.ids import new_id

PAYOUT = "payout"
"""The step that pays the payee; its ordinals are the attempts."""


_OF_REPORT = (
    select(payee, payout_holding, payout_attempt)
    .select_from(report)
    .join(payee, payee.c.id == report.c.payee_id)
    .outerjoin(payout_holding, payout_holding.c.report_id == report.c.id)
    .outerjoin(
        payout_attempt,
        (payout_attempt.c.holding_id == payout_holding.c.id) & (payout_attempt.c.ordinal == payout_holding.c.attempt),
    )
    .where(report.c.id == bindparam("report_id"))
)
_EXPENSE_PAYOUTS = by(expense_payout, "holding_id").order_by(expense_payout.c.id)


async def of_report(uow: UnitOfWork, report_id: UUID) -> dict[str, Any]:
    """What belongs to a report's payout; the report's lock covers it. Raises NotFound for no report.

    `payee`, `holding` (None before it exists), `attempt` (the holding's present one, None before it is tried) and
    `expense_payouts` by id, in the order of their making.
    """
    row = await uow.one_or_none(_OF_REPORT, report_id=report_id)
    if row is None:
        raise NotFound("report")
    holding = _part(row, payout_holding)
    made = [] if holding is None else await uow.all(_EXPENSE_PAYOUTS, holding_id=holding["id"])
    return {
        "payee": _part(row, payee),
        "holding": holding,
        "attempt": _part(row, payout_attempt),
        "expense_payouts": {payout["id"]: payout for payout in made},
    }


def _part(row: RowMapping, table: Table) -> dict[str, Any] | None:
    """One table's part of a joined row; None where it has none."""
    return None if row[table.c.id] is None else {column.name: row[column] for column in table.c}


async def add_holding(uow: UnitOfWork, holding_id: UUID, values: Mapping[str, Any]) -> None:
    """Insert the one holding of a report."""
    await uow.connection.execute(
        insert(payout_holding).values(id=holding_id, organization_id=uow.organization_id, **values)
    )


async def add_expense_payouts(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert one payout per approved expense."""
    await uow.connection.execute(
        insert(expense_payout), [{"organization_id": uow.organization_id, **row} for row in rows]
    )


async def holding_of(uow: UnitOfWork, report_id: UUID) -> RowMapping | None:
    """The report's holding, when it has come that far. The report's lock covers it."""
    return await uow.one_or_none(by(payout_holding, "report_id"), report_id=report_id)


async def holdings_of(uow: UnitOfWork, report_ids: Sequence[UUID]) -> list[RowMapping]:
    """The holdings of these reports."""
    return await uow.all(select(payout_holding).where(payout_holding.c.report_id.in_(report_ids)))


async def expense_payouts_of(uow: UnitOfWork, report_ids: Sequence[UUID]) -> list[RowMapping]:
    """The expense payouts of these reports, in the order of their making."""
    return await uow.all(
        select(expense_payout)
        .join(payout_holding, payout_holding.c.id == expense_payout.c.holding_id)
        .where(payout_holding.c.report_id.in_(report_ids))
        .order_by(expense_payout.c.id)
    )


async def change_holding(uow: UnitOfWork, row: Mapping[Any, Any], action: str, **values: Any) -> None:
    """Change a holding and say so."""
    await change_row(uow, payout_holding, row["id"], **values)
    shown = {key: _plain(value) for key, value in values.items()}
    await uow.audit(f"payout.{action}", FLOW, row["report_id"], shown)
    await uow.tell(f"payout.{action}", FLOW, row["report_id"], shown)


async def change_expense_payout(uow: UnitOfWork, row: Mapping[Any, Any], action: str, **values: Any) -> None:
    """Change one expense payout and say so."""
    await change_row(uow, expense_payout, row["id"], **values)
    shown = {"expense_payout_id": str(row["id"]), **values}
    await uow.audit(f"expense_payout.{action}", FLOW, row["report_id"], shown)
    await uow.tell(f"expense_payout.{action}", FLOW, row["report_id"], shown)


async def add_attempt(uow: UnitOfWork, holding: Mapping[Any, Any], kind: str, **task: Any) -> None:
    """Write that the payee is being paid by this method now; `task` is `owner_id` and `due_at` where a person does."""
    await uow.connection.execute(
        insert(payout_attempt).values(
            id=new_id(),
            organization_id=uow.organization_id,
            holding_id=holding["id"],
            ordinal=holding["attempt"],
            kind=kind,
            method_id=holding["method_id"],
            **task,
        )
    )


async def attempt_of(uow: UnitOfWork, holding_id: UUID, ordinal: int) -> RowMapping:
    """One attempt. Raises NotFound."""
    row = await uow.one_or_none(by(payout_attempt, "holding_id", "ordinal"), holding_id=holding_id, ordinal=ordinal)
    if row is None:
        raise NotFound("payout attempt")
    return row


async def change_attempt(uow: UnitOfWork, report_id: UUID, row: Mapping[Any, Any], action: str, **values: Any) -> None:
    """Write how far an attempt is, and say so."""
    await change_row(uow, payout_attempt, row["id"], **values)
    shown = {"attempt": row["ordinal"]} | {key: _plain(value) for key, value in values.items()}
    await uow.audit(f"payout_attempt.{action}", FLOW, report_id, shown)
    await uow.tell(f"payout_attempt.{action}", FLOW, report_id, shown)


async def attempts_of(uow: UnitOfWork, report_ids: Sequence[UUID]) -> list[RowMapping]:
    """Every attempt to pay these reports out, oldest first, with what became of its money call."""
    return await uow.all(
        select(
            payout_attempt,
            payout_holding.c.report_id,
            money_call.c.id.label("money_call_id"),
            money_call.c.state.label("call_state"),
            money_call.c.returned_at,
            money_call.c.rail_id,
            money_call.c.code,
            money_call.c.message,
        )
        .join(payout_holding, payout_holding.c.id == payout_attempt.c.holding_id)
        .outerjoin(
            money_call,
            (money_call.c.flow == FLOW)
            & (money_call.c.flow_id == payout_holding.c.report_id)
            & (money_call.c.step == PAYOUT)
            & (money_call.c.ordinal == payout_attempt.c.ordinal),
        )
        .where(payout_holding.c.report_id.in_(report_ids))
        .order_by(payout_attempt.c.holding_id, payout_attempt.c.ordinal)
    )


async def on_their_way(uow: UnitOfWork, report_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these reports that have a book transfer which was sent and is not settled."""
    rows = await uow.all(
        select(money_call.c.flow_id)
        .where(
            money_call.c.flow == FLOW,
            money_call.c.flow_id.in_(report_ids),
            money_call.c.step != PAYOUT,
            money_call.c.state.in_(("sending", "unknown", "needs_person")),
        )
        .distinct()
    )
    return {row["flow_id"] for row in rows}


async def listed(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Holdings, newest first; `filters` are columns and the values they must have."""
    statement = select(payout_holding)
    for name, value in filters.items():
        statement = statement.where(payout_holding.c[name] == value)
    return await uow.all(after_cursor(statement, payout_holding.c.id, after, limit))


async def get_holding(uow: UnitOfWork, holding_id: UUID) -> RowMapping:
    """One holding. Raises NotFound."""
    row = await uow.one_or_none(select(payout_holding).where(payout_holding.c.id == holding_id))
    if row is None:
        raise NotFound("payout holding")
    return row


def _plain(value: Any) -> str | int | None:
    return value if isinstance(value, (str, int, type(None))) else str(value)
