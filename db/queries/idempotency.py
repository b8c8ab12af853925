"""Idempotency keys of API requests: claimed in the transaction that does the work, so that both happen or neither."""

from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from db.tables.idempotency import idempotency_key
from db.unit_of_work import UnitOfWork
from domain.errors import RequestStillRunning

_LOCK_NOT_AVAILABLE = "55P03"


async def claim(uow: UnitOfWork, key: str, path: str, request_hmac: bytes, keep: timedelta) -> RowMapping | None:
    """Take the key for this transaction: None when it is ours, else the row of the request that has it.

    A request with the same key that has not committed yet is waited for briefly; RequestStillRunning after that. A key
    that has expired counts as never used.
    """
    fresh = {
        "organization_id": uow.organization_id,
        "key": key,
        "path": path,
        "request_hmac": request_hmac,
        "status": None,
        "response": None,
        "created_at": func.clock_timestamp(),
        "expires_at": func.clock_timestamp() + keep,
    }
    statement = (
        upsert(idempotency_key)
        .values(**fresh)
        .on_conflict_do_update(
            index_elements=["organization_id", "key"],
            set_=fresh,
            where=idempotency_key.c.expires_at < func.clock_timestamp(),
        )
        .returning(idempotency_key.c.key)
    )
    driver = await uow.driver()
    await driver.execute("set local lock_timeout = '2s'")
    try:
        claimed = (await uow.connection.execute(statement)).first() is not None
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise RequestStillRunning from None
        raise
    await driver.execute("set local lock_timeout to default")
    return None if claimed else await uow.one_or_none(_standing(key))


async def answer(uow: UnitOfWork, key: str, status: int | None, response: dict[str, Any]) -> None:
    """Keep the answer under its key. Status None: the request still waits, and the answer is what stands until then."""
    await uow.connection.execute(
        update(idempotency_key)
        .where(idempotency_key.c.organization_id == uow.organization_id, idempotency_key.c.key == key)
        .values(status=status, response=response)
    )


async def forget_expired(uow: UnitOfWork) -> int:
    """Delete keys that have expired, in a unit of work across organizations. Returns how many."""
    gone = await uow.connection.execute(
        delete(idempotency_key).where(idempotency_key.c.expires_at < func.clock_timestamp())
    )
    return gone.rowcount


def _standing(key: str) -> Any:
    age = func.extract("epoch", func.clock_timestamp() - idempotency_key.c.created_at).label("age_seconds")
    return select(idempotency_key, age).where(idempotency_key.c.key == key)
