"""Token buckets of the rate limit, in one unlogged table: lost in a crash, which only fills them again."""

from decimal import Decimal

from sqlalchemy import text

from db.unit_of_work import UnitOfWork


async def take_token(uow: UnitOfWork, bucket: str, *, burst: int, per_second: float) -> int:
    """Take a token: 0 when there was one, else the seconds until the next."""
    wait: Decimal | None = (
        await uow.connection.execute(
            text("select take_token(:bucket, :burst, cast(:per_second as numeric))"),
            {"bucket": bucket, "burst": burst, "per_second": Decimal(str(per_second))},
        )
    ).scalar_one()
    return 0 if wait is None else max(1, int(wait))
