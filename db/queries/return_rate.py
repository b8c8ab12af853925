"""Return rates, counted in rows: a merchant's debit entries of sixty days, and those that came back in them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, Select, and_, func, select, true

from db.queries.ach import NOT_TAKEN
from db.tables.ach import ach_transaction, merchant
from db.tables.ach_return import ach_return
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.calendar import NEW_YORK
from domain.return_rate import WINDOW_DAYS, Rate, RateName

_NOT_ORIGINATED = (*NOT_TAKEN, AchState.CREATED, AchState.SUBMITTING, AchState.UNKNOWN)
_RCK = ("R50", "R51", "R52", "R53")
"""Returns of re-presented checks, which the overall rate leaves out (R51 counts as unauthorized all the same)."""


async def rates(
    uow: UnitOfWork, *, minimum_sample: int, merchants: Sequence[UUID] | None = None
) -> list[tuple[RowMapping, list[Rate]]]:
    """Each merchant's row with its three rates, by the merchants' ids; of all that the unit of work sees by default."""
    rows = await uow.all(_counts(merchants))
    return [
        (
            row,
            [
                Rate(RateName.UNAUTHORIZED, row["unauthorized"], row["originated"], minimum_sample),
                Rate(RateName.ADMINISTRATIVE, row["administrative"], row["originated"], minimum_sample),
                Rate(RateName.OVERALL, row["overall"], row["originated"], minimum_sample),
            ],
        )
        for row in rows
    ]


def _counts(merchants: Sequence[UUID] | None) -> Select[tuple[object, ...]]:
    # asked once, as a query of its own: asked for each row it would bound no index
    since = select(func.business_now() - func.make_interval(0, 0, 0, WINDOW_DAYS)).scalar_subquery()
    first_day = func.date(func.timezone(NEW_YORK.key, since))
    originated = (
        select(func.count())
        .where(
            ach_transaction.c.merchant_id == merchant.c.id,
            ach_transaction.c.business_date >= first_day,
            ach_transaction.c.type == "DEBIT",
            ach_transaction.c.direction == "debit",
            ach_transaction.c.ach_state.not_in(_NOT_ORIGINATED),
        )
        .scalar_subquery()
    )
    counted = and_(
        ach_return.c.merchant_id == merchant.c.id,
        ach_return.c.received_at >= since,
        ach_return.c.state == "decided",
        ach_return.c.kind == "return",
        ach_return.c.direction == "debit",
        ~ach_return.c.prenote,
    )
    returned = (
        select(
            func.count().filter(ach_return.c.category == "unauthorized").label("unauthorized"),
            func.count().filter(ach_return.c.category == "administrative").label("administrative"),
            func.count().filter(ach_return.c.code.not_in(_RCK)).label("overall"),
        )
        .where(counted)
        .lateral("returned")
    )
    statement = select(
        merchant.c.id,
        merchant.c.organization_id,
        merchant.c.name,
        originated.label("originated"),
        returned.c.unauthorized,
        returned.c.administrative,
        returned.c.overall,
    ).select_from(merchant.join(returned, onclause=true()))
    if merchants is not None:
        statement = statement.where(merchant.c.id.in_(merchants))
    return statement.order_by(merchant.c.id)
