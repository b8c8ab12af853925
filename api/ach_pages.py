"""What the routes of ACH entries share: an entry as the API shows it, whatever its kind."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from api.context import ApiContext
from api.flow_pages import detail_of, links_of
from api.idempotency import Answer
from api.schemas.ach_transaction import AchTransactionView, refund_warnings, transaction_view
from db.flows.ach_run import run_of
from db.queries import ach as queries
from db.queries.ach_family import refunded
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.errors import NotFound
from domain.ids import parse_public_id
from services.flow_command import doubt_of


def entry_view(context: ApiContext, row: Any, *, doubt: str | None = None, **more: Any) -> AchTransactionView:
    """An entry of a list, or one that was just made."""
    return transaction_view(row, links_of(context, run_of(row)), doubt, **more)


async def whole_entry(context: ApiContext, uow: UnitOfWork, row: RowMapping) -> AchTransactionView:
    """One entry with its money calls, ledger lines, timeline and cases; a debit with what is left to refund."""
    flow = queries.flow_of(row)
    more: dict[str, Any] = {}
    if flow == "ach-debit" and row["ach_state"] in (AchState.ACCEPTED, AchState.ORIGINATED, AchState.SETTLED):
        more["refundable_amount"] = row["amount"] - await refunded(uow, row["id"])
    if row["type"] == "REFUND":
        original = await queries.get_transaction(uow, row["parent_transaction_id"])
        more["warnings"] = refund_warnings(original, _made_at(row, await uow.business_now()))
    return transaction_view(
        row,
        links_of(context, run_of(row)),
        await doubt_of(uow, flow, row["id"]),
        await detail_of(uow, flow, row["id"]),
        **more,
    )


async def read_entry(context: ApiContext, uow: UnitOfWork, flow: str, shown_id: str) -> AchTransactionView:
    """One entry of this kind by its public id. Raises NotFound, also for an entry of another kind."""
    # the address names it by its kind: debit_id, credit_id or void_id
    row = await queries.get_transaction(uow, entry_id(shown_id, f"{flow.removeprefix('ach-')}_id"))
    if queries.flow_of(row) != flow:
        raise NotFound("ACH transaction")
    return await whole_entry(context, uow, row)


def when_answered(context: ApiContext, made: list[UUID]) -> Callable[[UnitOfWork], Awaitable[Answer | None]]:
    """For `Prefer: wait`: the entry (the last, if it was made again) once the gateway's answer is known, or doubted."""

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get_transaction(uow, made[-1])
        if row["ach_state"] in (AchState.CREATED, AchState.SUBMITTING):
            return None
        return Answer(200, await whole_entry(context, uow, row))

    return settled


def entry_id(text: str, field: str = "transaction_id") -> UUID:
    """An entry's id from its public form."""
    return parse_public_id("achtx", text, field=field)


def _made_at(row: RowMapping, now: datetime) -> datetime:
    """The instant that a warning is about: when it went out, else now."""
    made: datetime | None = row["processed_at"]
    return made or now
