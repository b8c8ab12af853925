"""Idempotency keys of API requests: claimed in the transaction that does the work, so that both happen or neither."""

from datetime import timedelta
from typing import Any

import asyncpg
from sqlalchemy import RowMapping, delete, func, select

from db.tables.idempotency import idempotency_key
from db.unit_of_work import UnitOfWork
from domain.errors import RequestStillRunning


async def claim(uow: UnitOfWork, key: str, path: str, request_hmac: bytes, keep: timedelta) -> RowMapping | None:
    """Take the key for this transaction: None when it is ours, else the row of the request that has it.

    A request with the same key that has not committed yet is waited for briefly; RequestStillRunning after that. A key
    that has expired counts as never used.
    """
    driver = await uow.driver()
    try:
        said = await driver.fetchrow(
            "select claim_idempotency_key($1, $2, $3, $4, $5) as claimed, business_now() as now",
            uow.organization_id,
            key,
            path,
            request_hmac,
            keep,
        )
    except asyncpg.LockNotAvailableError:
        raise RequestStillRunning from None
    if said is None:
        raise RuntimeError("a function without an answer")
    # whatever the request begins is of a business day: asked along, as nearly every one would ask for it next
    uow.heard_business_now(said["now"])
    return None if said["claimed"] else await uow.one_or_none(_standing(key))


async def answer(uow: UnitOfWork, key: str, status: int | None, response: dict[str, Any]) -> None:
    """Keep the answer under its key. Status None: the request still waits, and the answer is what stands until then."""
    await uow.keep_answer(key, status, response)


async def forget_expired(uow: UnitOfWork) -> int:
    """Delete keys that have expired, in a unit of work across organizations. Returns how many."""
    gone = await uow.connection.execute(
        delete(idempotency_key).where(idempotency_key.c.expires_at < func.clock_timestamp())
    )
    return gone.rowcount


def _standing(key: str) -> Any:
    age = func.extract("epoch", func.clock_timestamp() - idempotency_key.c.created_at).label("age_seconds")
    return select(idempotency_key, age).where(idempotency_key.c.key == key)
