"""Alembic's environment: migrations run as the owner, with lock and statement timeouts, one at a time."""

import asyncio
import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from db.tables import metadata


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
    with context.begin_transaction():
        # two migrators at once: the second waits here, then finds nothing to do
        connection.execute(text("select pg_advisory_xact_lock(7231001)"))
        context.run_migrations()


async def _main() -> None:
    engine = create_async_engine(_owner_url(), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


def _migrate() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
    else:
        asyncio.run(_main())


_migrate()
