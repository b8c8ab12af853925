"""Pay runs as they are asked for: which pairs are due, and the run that pays them."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.queries import pay_run as queries
from db.queries import program
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput
from domain.ids import new_id

LONGEST_DAYS = 92


async def due(uow: UnitOfWork, program_id: UUID, first: date | None, last: date | None) -> Sequence[RowMapping]:
    """What a run over this period would pay now: nothing is recorded and nobody is asked.

    Raises NotFound where there is no such programme, InvalidInput for a period that no run takes.
    """
    if last is not None and first is not None:
        _require_period(first, last)
    await program.get(uow, program_id)
    return await queries.due(uow, program_id, first or date.min, last or date.max)


async def start(
    uow: UnitOfWork, flows: Mapping[str, FlowSteps], program_id: UUID, first: date, last: date, width: int
) -> RowMapping:
    """Pay every pair that is due. What is in a payment is not due, so a repeated run pays nothing twice.

    Raises:
        InvalidInput: the period ends before it begins, or is longer than a quarter.
        NotFound: there is no such programme.
    """
    pairs = await due(uow, program_id, first, last)
    row = await queries.add(uow, id=new_id(), program_id=program_id, first_day=first, last_day=last, width=width)
    await queries.add_pairs(uow, row["id"], pairs)
    told = {"pairs": len(pairs), "amount": sum(int(pair["amount_cents"]) for pair in pairs), "width": width}
    await uow.audit("pay_run.started", queries.FLOW, row["id"], told)
    await uow.tell("pay_run.started", queries.FLOW, row["id"], told)
    await uow.start_workflow(flows[queries.FLOW].run(row))
    return row


def _require_period(first: date, last: date) -> None:
    if last < first or (last - first).days >= LONGEST_DAYS:
        raise InvalidInput("last_day", f"The period has 1 to {LONGEST_DAYS} days.")
