"""Whose a return is that names no entry, and what becomes of its case once the entry is found."""

from uuid import UUID

from sqlalchemy import func, select, update

from db.tables.ach import merchant
from db.tables.ach_return import ach_return
from db.tables.case_file import case_file
from db.unit_of_work import UnitOfWork


async def of_terminal(uow: UnitOfWork, terminal: str) -> UUID | None:
    """The organization whose merchants use this terminal; without a terminal, the only one that uses the gateway.

    None while several could be meant: then it is a case of the house.
    """
    statement = select(merchant.c.organization_id).distinct().limit(2)
    if terminal:
        parts = (merchant.c.cust_nbr, merchant.c.merch_nbr, merchant.c.dba_nbr, merchant.c.terminal_nbr)
        statement = statement.where(func.concat_ws("-", *parts) == terminal)
    rows = await uow.all(statement)
    owner: UUID | None = rows[0]["organization_id"] if len(rows) == 1 else None
    return owner


async def close_unmatched(uow: UnitOfWork, return_id: UUID) -> None:
    """The entry of a notice that waited is known now; where another row tells the return, that one is it."""
    await uow.connection.execute(
        update(ach_return)
        .where(ach_return.c.id == return_id, ach_return.c.state == "unmatched")
        .values(state="dismissed", reason="its entry was found: it was told before, or is a notification of change")
    )
    await uow.connection.execute(
        update(case_file)
        .where(
            case_file.c.kind == "unmatched_return",
            case_file.c.subject_id == str(return_id),
            case_file.c.state == "open",
        )
        .values(state="closed", closed_at=func.clock_timestamp(), resolution="its entry was found")
    )
