"""How much one operator may approve in any 24 hours."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import approval_limit as queries
from db.unit_of_work import UnitOfWork
from domain.errors import LimitExceeded, NotFound, PermissionDenied
from domain.principal import Principal

WINDOW = timedelta(hours=24)


async def require_left(uow: UnitOfWork, operator_id: UUID, amount: int, *, default: int) -> None:
    """Refuse what passes the operator's limit; until this transaction ends nothing else is counted for them.

    Raises LimitExceeded. The caller writes the approval in the same transaction.
    """
    row = await queries.locked(uow, operator_id)
    limit = default if row["per_day"] is None else row["per_day"]
    # read under the lock, so that what another approval just took is in it
    used = await queries.used(uow, operator_id, await uow.business_now() - WINDOW)
    if used + amount > limit:
        raise LimitExceeded(
            "The amount passes what you may still approve within 24 hours.",
            code="approval_limit_exceeded",
            retry="later",
            who_must_act="operator",
        )


async def change(uow: UnitOfWork, asker: Principal, operator_id: UUID, per_day: int | None) -> RowMapping:
    """Set another operator's limit; None for the default."""
    if not await queries.listed(uow, [operator_id]):
        raise NotFound("operator")
    if asker.operator_id == operator_id:
        raise PermissionDenied("Nobody sets their own limit.", code="own_limit")
    await queries.change(uow, await queries.locked(uow, operator_id), per_day, asker.operator_id)
    (standing,) = await queries.listed(uow, [operator_id])
    return standing


async def used(uow: UnitOfWork, operator_id: UUID) -> int:
    """What the operator approved within the last 24 hours, in minor units."""
    return await queries.used(uow, operator_id, await uow.business_now() - WINDOW)
