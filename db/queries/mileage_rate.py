"""An organization's own mileage rates. Rows are never changed; of two from one day the later one counts."""

from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, insert, select

from db.tables.mileage_rate import mileage_rate
from db.unit_of_work import UnitOfWork
from domain.ids import new_id
from domain.mileage import OwnRate


async def add(uow: UnitOfWork, effective_from: date, tenths_of_a_cent: int | None, set_by: UUID) -> RowMapping:
    """Set a rate from a day on; None for the published one again."""
    row_id = new_id()
    await uow.connection.execute(
        insert(mileage_rate).values(
            id=row_id,
            organization_id=uow.organization_id,
            effective_from=effective_from,
            rate=tenths_of_a_cent,
            set_by=set_by,
        )
    )
    detail = {"effective_from": effective_from, "tenths_of_a_cent": tenths_of_a_cent}
    await uow.audit("mileage_rate.set", "mileage-rate", row_id, detail)
    (row,) = await uow.all(select(mileage_rate).where(mileage_rate.c.id == row_id))
    return row


async def listed(uow: UnitOfWork) -> list[RowMapping]:
    """All of them, in the order in which they take effect."""
    return await uow.all(select(mileage_rate).order_by(mileage_rate.c.effective_from, mileage_rate.c.id))


async def own_rates(uow: UnitOfWork) -> list[OwnRate]:
    """The same for `domain.mileage.rate_on`."""
    return [OwnRate(row["effective_from"], row["rate"]) for row in await listed(uow)]
