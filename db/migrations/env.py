"""Alembic's environment: migrations run as the owner, with lock and statement timeouts, one at a time."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from db.tables import metadata

MIGRATORS = 7231001
LOOK_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 1_800.0
"""Three times the longest statement."""


def _owner_url() -> str:
    given = context.config.get_main_option("sqlalchemy.url") or os.environ.get("BURSAR_DATABASE__OWNER_URL")
    if given:
        return given
    from settings import Settings

    return Settings().database.owner_url.get_secret_value()


def _compared(_object: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
    """Compare tables of the public schema; indexes that only SQL can express are left to their migration."""
    return not (type_ == "index" and reflected and compare_to is None and bool(name) and str(name).endswith("_sql"))


def _run(connection: Connection) -> None:
    connection.execute(text("set lock_timeout = '10s'"))
    connection.execute(text("set statement_timeout = '10min'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=_compared,
        compare_type=True,
        transaction_per_migration=True,
    )
    with _alone(connection), context.begin_transaction():
        context.run_migrations()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Of several migrators one is at work; the others wait, then find nothing to do.

    The lock is the session's: migrations end their transactions. Who waits asks again and again instead of standing
    in line, for an index that is made CONCURRENTLY waits for every statement that began before. After an error the
    session ends, and with it the lock.
    """
    named, give_up, said = {"lock": MIGRATORS}, time.monotonic() + LONGEST_WAIT_SECONDS, False
    while not connection.scalar(text("select pg_try_advisory_lock(:lock)"), named):
        connection.commit()
        if time.monotonic() > give_up:
            raise TimeoutError("another migrator has been at work for half an hour: see pg_locks, locktype advisory")
        if not said:
            sys.stderr.write("another migrator is at work: waiting for it\n")
            said = True
        time.sleep(LOOK_SECONDS)
    connection.commit()
    yield
    connection.execute(text("select pg_advisory_unlock(:lock)"), named)
    connection.commit()


async def _main() -> None:
    engine = create_async_engine(_owner_url(), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


asyncio.run(_main())
