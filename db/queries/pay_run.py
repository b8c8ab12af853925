"""Pay runs, their pairs, and where the pairs' payments are."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    Text,
    Uuid,
    all_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from db.queries.row import add_row, get_row, list_rows, page_of
from db.tables.allocation import month_allocation
from db.tables.care_day import care_day
from db.tables.case_file import case_file
from db.tables.money_call import money_call
from db.tables.pay_run import pay_run, pay_run_pair
from db.tables.payment_intent import payment_intent, payment_intent_item
from db.unit_of_work import UnitOfWork
from domain.ids import new_id
from domain.pay_run import PairState, Standing
from domain.provider_payment import AGAIN, MADE, NEXT_STEP, RELEASED, PaymentState

FLOW = "pay-run"
PAYMENT = "provider-payment"
PAIRS_PER_INSERT = 500

_IN_A_PAYMENT = exists().where(
    payment_intent_item.c.care_day_id == care_day.c.id, payment_intent_item.c.released_at.is_(None)
)
_NEEDS_PERSON = exists().where(
    money_call.c.flow == PAYMENT, money_call.c.flow_id == payment_intent.c.id, money_call.c.state == "needs_person"
)
_BOOKS_DIFFER = exists().where(
    case_file.c.kind == "books_differ",
    case_file.c.subject_kind == PAYMENT,
    case_file.c.subject_id == cast(payment_intent.c.id, Text),
    case_file.c.state == "open",
)
STANDING: ColumnElement[str] = case(
    (pay_run_pair.c.state != PairState.BEGUN, pay_run_pair.c.state),
    (payment_intent.c.state.in_(MADE), Standing.PAID.value),
    (payment_intent.c.state == PaymentState.RETURNED, Standing.RETURNED.value),
    (payment_intent.c.state.in_(RELEASED), Standing.WITHDRAWN.value),
    (payment_intent.c.state.in_(AGAIN), Standing.STOPPED.value),
    (_NEEDS_PERSON | _BOOKS_DIFFER, Standing.IN_DOUBT.value),
    else_=Standing.PAYING.value,
).label("standing")
"""A pair and its payment in one word: the payment's own row is asked, nothing is kept twice."""
_SECONDS = func.coalesce(func.extract("epoch", func.business_now() - pay_run_pair.c.begun_at), 0).label("seconds")


async def get(uow: UnitOfWork, run_id: UUID, *, lock: bool = False) -> RowMapping:
    """One run."""
    return await get_row(uow, pay_run, "pay run", run_id, lock=lock)


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a run."""
    return await add_row(uow, pay_run, **values)


async def change(uow: UnitOfWork, run_id: UUID, action: str, **values: Any) -> None:
    """Change a run, and say so in the audit trail and to the organization."""
    await uow.connection.execute(update(pay_run).where(pay_run.c.id == run_id).values(**values))
    await uow.audit(f"pay_run.{action}", FLOW, run_id, values)
    await uow.tell(f"pay_run.{action}", FLOW, run_id, {"state": values.get("state")})


async def due(uow: UnitOfWork, program_id: UUID, first: date, last: date) -> list[RowMapping]:
    """Pairs that have live care days of the period in no payment: who, the number of days, and their sum."""
    keys = (month_allocation.c.id, month_allocation.c.child_id, month_allocation.c.family_id, care_day.c.provider_id)
    return await uow.all(
        select(
            month_allocation.c.id.label("allocation_id"),
            *keys[1:],
            func.count().label("days"),
            func.sum(care_day.c.amount_cents).label("amount_cents"),
        )
        .join(month_allocation, month_allocation.c.id == care_day.c.allocation_id)
        .where(
            month_allocation.c.program_id == program_id,
            care_day.c.date.between(first, last),
            care_day.c.deleted_at.is_(None),
            care_day.c.amount_cents > 0,
            ~_IN_A_PAYMENT,
        )
        .group_by(*keys)
        .order_by(care_day.c.provider_id, month_allocation.c.id)
    )


async def add_pairs(uow: UnitOfWork, run_id: UUID, found: Sequence[Mapping[Any, Any]]) -> None:
    """Insert the run's pairs."""
    for start in range(0, len(found), PAIRS_PER_INSERT):
        values = [
            {"id": new_id(), "organization_id": uow.organization_id, "pay_run_id": run_id, **dict(row)}
            for row in found[start : start + PAIRS_PER_INSERT]
        ]
        await uow.connection.execute(insert(pay_run_pair), values)


async def days_due(uow: UnitOfWork, pair: Mapping[Any, Any], first: date, last: date) -> list[UUID]:
    """The pair's days as they are now."""
    rows = await uow.all(
        select(care_day.c.id).where(
            care_day.c.allocation_id == pair["allocation_id"],
            care_day.c.provider_id == pair["provider_id"],
            care_day.c.date.between(first, last),
            care_day.c.deleted_at.is_(None),
            care_day.c.amount_cents > 0,
            ~_IN_A_PAYMENT,
        )
    )
    return [row["id"] for row in rows]


async def get_pair(uow: UnitOfWork, pair_id: UUID) -> RowMapping:
    """One pair, locked."""
    return await get_row(uow, pay_run_pair, "pair", pair_id, lock=True)


async def change_pair(uow: UnitOfWork, pair_id: UUID, **values: Any) -> None:
    """Change a pair."""
    await uow.connection.execute(update(pay_run_pair).where(pay_run_pair.c.id == pair_id).values(**values))


async def move_pairs(uow: UnitOfWork, run_id: UUID, present: PairState, following: PairState) -> int:
    """Put all pairs of one state into another that has no code; returns how many."""
    changed = await uow.connection.execute(
        update(pay_run_pair)
        .where(pay_run_pair.c.pay_run_id == run_id, pay_run_pair.c.state == present)
        .values(state=following, code=None, message=None, must_act=None)
    )
    return int(changed.rowcount)


def _standing_of(run_id: UUID, *columns: Any) -> Select[Any]:
    return (
        select(*columns, STANDING)
        .select_from(pay_run_pair)
        .outerjoin(payment_intent, payment_intent.c.id == pay_run_pair.c.payment_intent_id)
        .where(pay_run_pair.c.pay_run_id == run_id)
    )


async def progress(uow: UnitOfWork, run_id: UUID) -> dict[str, tuple[int, int]]:
    """Pairs and cents by standing."""
    each = _standing_of(run_id, pay_run_pair.c.amount_cents).subquery()
    rows = await uow.all(
        select(each.c.standing, func.count().label("pairs"), func.sum(each.c.amount_cents).label("cents")).group_by(
            each.c.standing
        )
    )
    return {row["standing"]: (row["pairs"], int(row["cents"])) for row in rows}


async def under_way(uow: UnitOfWork, run_id: UUID) -> list[RowMapping]:
    """The pairs that are being paid or in doubt, oldest first; `seconds` since they were begun.

    Found from the payments that have a step to do: a long run has far more pairs that are at rest.
    """
    return await uow.all(
        _standing_of(run_id, pay_run_pair, _SECONDS)
        .where(
            pay_run_pair.c.state == PairState.BEGUN,
            payment_intent.c.organization_id == uow.organization_id,
            payment_intent.c.state.in_(NEXT_STEP),
        )
        .order_by(pay_run_pair.c.id)
    )


async def waiting(uow: UnitOfWork, run_id: UUID, busy: set[UUID], limit: int) -> list[RowMapping]:
    """The first pairs that wait, oldest first, of families and providers other than these."""
    people = literal(list(busy), ARRAY(Uuid))
    others = [column != all_(people) for column in (pay_run_pair.c.family_id, pay_run_pair.c.provider_id)]
    return await uow.all(
        select(pay_run_pair)
        .where(pay_run_pair.c.pay_run_id == run_id, pay_run_pair.c.state == PairState.WAITING, *others)
        .order_by(pay_run_pair.c.id)
        .limit(limit)
    )


async def stopped_payments(uow: UnitOfWork, run_id: UUID) -> list[UUID]:
    """The run's payments that stopped and may be retried."""
    each = _standing_of(run_id, pay_run_pair.c.payment_intent_id).subquery()
    rows = await uow.all(
        select(each.c.payment_intent_id).where(each.c.standing == Standing.STOPPED).order_by(each.c.payment_intent_id)
    )
    return [row["payment_intent_id"] for row in rows]


async def list_pairs(
    uow: UnitOfWork, run_id: UUID, *, after: UUID | None, limit: int, standing: Standing | None
) -> list[RowMapping]:
    """Pairs with their standing and their payments' codes, newest first."""
    statement = _standing_of(
        run_id,
        pay_run_pair,
        func.coalesce(payment_intent.c.code, pay_run_pair.c.code).label("shown_code"),
        func.coalesce(payment_intent.c.message, pay_run_pair.c.message).label("shown_message"),
        func.coalesce(payment_intent.c.must_act, pay_run_pair.c.must_act).label("shown_must_act"),
    )
    if standing is not None:
        statement = statement.where(STANDING.element == standing)
    return await uow.all(page_of(statement, pay_run_pair, after=after, limit=limit, filters={}))


async def list_runs(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Runs, newest first."""
    return await list_rows(uow, pay_run, after=after, limit=limit, filters=filters)
