"""Token buckets of the rate limit, in one unlogged table: lost in a crash, which only fills them again."""

from decimal import Decimal

from db.unit_of_work import UnitOfWork


async def take_token(uow: UnitOfWork, bucket: str, *, burst: int, per_second: float) -> int:
    """Take a token: 0 when there was one, else the seconds until the next."""
    wait: Decimal | None = await (await uow.driver()).fetchval(
        "select take_token($1, $2, $3)", bucket, burst, Decimal(str(per_second))
    )
    return 0 if wait is None else max(1, int(wait))
