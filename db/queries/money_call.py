"""Reading money calls."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, Uuid, bindparam, delete, func, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert

from db.money_calls.row import read_money_call
from db.queries.row import by, newest_of, page_of
from db.tables.money_call import money_call, money_call_send, wallet_in_flight, wallet_waiter
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.money_call import OPEN_STATES, MoneyCall

_locked = func.money_call_lock(bindparam("id", type_=Uuid())).table_valued(*money_call.c.keys())
_LOCKED = select(_locked).where(_locked.c.id == bindparam("id", type_=Uuid()))
_BY_RAIL_ID = by(money_call, "rail", "rail_id").limit(1)
_BY_REFERENCE = (
    select(money_call)
    .join(money_call_send, money_call_send.c.money_call_id == money_call.c.id)
    .where(money_call.c.rail == bindparam("rail"), money_call_send.c.rail_reference == bindparam("rail_reference"))
    .limit(1)
)


async def get(uow: UnitOfWork, call_id: UUID, *, lock: bool = False) -> MoneyCall | None:
    """One money call, locked for the rest of the transaction if asked."""
    row = await uow.one_or_none(_LOCKED if lock else by(money_call, "id"), id=call_id)
    return None if row is None else read_money_call(row, uow.envelope)


async def of_step(uow: UnitOfWork, flow: str, flow_id: UUID, step: str, ordinal: int) -> MoneyCall | None:
    """The call of one try of a step."""
    row = await uow.one_or_none(
        by(money_call, "flow", "flow_id", "step", "ordinal"), flow=flow, flow_id=flow_id, step=step, ordinal=ordinal
    )
    return None if row is None else read_money_call(row, uow.envelope)


async def of_flow(uow: UnitOfWork, flow: str, flow_id: UUID) -> list[RowMapping]:
    """All calls of a flow as rows, oldest first; requests stay sealed."""
    return await uow.all(
        select(money_call)
        .where(money_call.c.flow == flow, money_call.c.flow_id == flow_id)
        .order_by(money_call.c.recorded_at, money_call.c.id)
    )


async def sends_of(uow: UnitOfWork, call_ids: Sequence[UUID]) -> list[RowMapping]:
    """Every send of these calls, in order."""
    return await uow.all(
        select(money_call_send)
        .where(money_call_send.c.money_call_id.in_(call_ids))
        .order_by(money_call_send.c.money_call_id, money_call_send.c.fencing_token)
    )


async def seconds_to_deadline(uow: UnitOfWork, call: MoneyCall) -> float:
    """Seconds until the send deadline by the database's clock; negative once it has passed."""
    if call.send_deadline is None:
        return 0.0
    now: datetime = (await uow.connection.execute(select(func.clock_timestamp()))).scalar_one()
    return (call.send_deadline - now).total_seconds()


async def open_calls(
    uow: UnitOfWork, *, older_than_seconds: float, after: RowMapping | None = None, limit: int = 200
) -> list[RowMapping]:
    """Open calls that were recorded a while ago, oldest first, as rows; those that follow `after`, if given."""
    place = tuple_(money_call.c.recorded_at, money_call.c.id)
    return await uow.all(
        select(
            money_call.c.id,
            money_call.c.organization_id,
            money_call.c.flow,
            money_call.c.flow_id,
            money_call.c.state,
            money_call.c.step,
            money_call.c.recorded_at,
        )
        .where(
            money_call.c.state.in_(OPEN_STATES),
            money_call.c.recorded_at
            < func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, older_than_seconds),
            true() if after is None else place > tuple_(literal(after["recorded_at"]), literal(after["id"])),
        )
        .order_by(money_call.c.recorded_at, money_call.c.id)
        .limit(limit)
    )


async def wallets_of(uow: UnitOfWork, call_id: UUID) -> list[str]:
    """The wallets that the open call keeps to itself."""
    rows = await uow.all(by(wallet_in_flight, "money_call_id"), money_call_id=call_id)
    return [row["wallet_id"] for row in rows]


async def wait_for_wallets(uow: UnitOfWork, wallets: Sequence[str], flow: str, flow_id: UUID) -> None:
    """Be woken when one of these wallets is free."""
    for wallet in wallets:
        await uow.connection.execute(
            insert(wallet_waiter)
            .values(wallet_id=wallet, flow=flow, flow_id=flow_id, organization_id=uow.organization_id)
            .on_conflict_do_nothing()
        )


async def take_waiters(uow: UnitOfWork, wallets: Sequence[str]) -> list[tuple[str, UUID]]:
    """The flows (name, id) that wait for one of these wallets; they are to be woken, and wait no longer."""
    statement = (
        delete(wallet_waiter)
        .where(wallet_waiter.c.wallet_id.in_(wallets))
        .returning(wallet_waiter.c.flow, wallet_waiter.c.flow_id)
    )
    rows = (await uow.connection.execute(statement)).all()
    return sorted({(row.flow, row.flow_id) for row in rows})


async def by_rail(uow: UnitOfWork, rail: str, rail_id: str, reference: str) -> RowMapping | None:
    """The call that a rail speaks of: by its own id, or by the reference of any of the call's sends."""
    found = await uow.one_or_none(_BY_RAIL_ID, rail=rail, rail_id=rail_id)
    if found is not None or not reference:
        return found
    return await uow.one_or_none(_BY_REFERENCE, rail=rail, rail_reference=reference)


async def row(uow: UnitOfWork, call_id: UUID) -> RowMapping:
    """One money call's row; raises NotFound."""
    found = await uow.one_or_none(select(money_call).where(money_call.c.id == call_id))
    if found is None:
        raise NotFound("money call")
    return found


async def page(uow: UnitOfWork, *, after: UUID | None, limit: int, states: Sequence[str]) -> list[RowMapping]:
    """Calls in these states, newest first."""
    pages = [
        page_of(select(money_call), money_call, after=after, limit=limit, filters={"state": state}) for state in states
    ]
    return await uow.all(newest_of(pages, limit))
