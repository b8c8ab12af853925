"""Which of our payments a debit is that a partner lists. Crosses organizations: whose it is shows when it is found."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select

from db.tables.money_call import money_call
from db.tables.paypal_top_up import paypal_top_up
from db.unit_of_work import UnitOfWork
from domain.money_call import OPEN_STATES

BY_HAND = "by_hand"
_CALL = (
    money_call.c.id,
    money_call.c.organization_id,
    money_call.c.flow,
    money_call.c.flow_id,
    money_call.c.state,
    money_call.c.amount,
    money_call.c.currency,
    money_call.c.rail_id,
)


async def top_up_of(uow: UnitOfWork, names: Sequence[str]) -> RowMapping | None:
    """The top-up of our PayPal balance that an operator booked under one of these ids."""
    statement = select(paypal_top_up.c.amount, paypal_top_up.c.currency)
    return await uow.one_or_none(statement.where(paypal_top_up.c.bank_reference.in_(names)).limit(1))


async def sent_by_hand(uow: UnitOfWork, names: Sequence[str], references: Sequence[str]) -> RowMapping | None:
    """The wire that two persons confirmed under one of these ids, else the one whose reference was written on it."""
    by_hand = select(*_CALL).where(money_call.c.rail == BY_HAND)
    return await uow.one_or_none(by_hand.where(money_call.c.rail_id.in_(names)).limit(1)) or await uow.one_or_none(
        by_hand.where(money_call.c.rail_reference.in_(references)).limit(1)
    )


async def handed_over(uow: UnitOfWork, rail: str, since: datetime) -> Sequence[RowMapping]:
    """Calls that a rail took since then, whatever became of them later."""
    return await uow.all(
        select(*_CALL).where(
            money_call.c.rail == rail,
            money_call.c.state == "applied",
            money_call.c.rail_id.is_not(None),
            money_call.c.first_sent_at >= since,
        )
    )


async def in_doubt(uow: UnitOfWork, rails: Sequence[str]) -> frozenset[tuple[str, int]]:
    """Rail and amount of each call that is under way: its transfer may be one that is looked at."""
    rows = await uow.all(
        select(money_call.c.rail, money_call.c.amount).where(
            money_call.c.rail.in_(rails), money_call.c.state.in_(OPEN_STATES)
        )
    )
    return frozenset((row["rail"], row["amount"]) for row in rows)
