"""A connection of the application's role for commands that prove something, outside of any unit of work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from cli.configuration import with_database
from settings import Settings


@asynccontextmanager
async def raw_connection(settings: Settings) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A driver connection that is in no transaction.

    Raises:
        StartFailedError: there is no database yet.
        OSError, sqlalchemy.exc.DBAPIError: it does not answer or refuses us.
    """
    # Through SQLAlchemy, so that the URL means the same here as in worker and API.
    engine = create_async_engine(with_database(settings).database.url.get_secret_value(), hide_parameters=True)
    try:
        async with engine.connect() as connection:
            driver: asyncpg.Connection[asyncpg.Record] | None = (
                await connection.get_raw_connection()
            ).driver_connection
            if driver is None:
                raise ConnectionError("the pool gave no connection")
            yield driver
    finally:
        await engine.dispose()
