"""The database: one engine per process and database, and the door to units of work."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db.crypto.keyring import Keyring
from db.unit_of_work import Driver, UnitOfWork
from domain.childcare_party import Party

ROLLBACK_SECONDS = 5.0
"""A rollback is answered at once by a server that answers at all."""


class Database:
    """Gives units of work over one connection pool.

    `url` is an SQLAlchemy URL with the asyncpg driver and the role `bursar_app`.
    """

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 10, statement_timeout_seconds: int = 30) -> None:
        self.keyring = keyring
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=False,
            pool_timeout=30,
            # units of work begin and end their transactions themselves, on the driver: SQLAlchemy's own way took as
            # much processor time as the posting itself (docs/benchmarks.md)
            isolation_level="AUTOCOMMIT",
            # bound values are account numbers and keys: they stay out of errors and logs
            hide_parameters=True,
            connect_args={
                "timeout": 10,
                "server_settings": {
                    "application_name": "bursar",
                    "statement_timeout": f"{statement_timeout_seconds}s",
                    "lock_timeout": "10s",
                    "idle_in_transaction_session_timeout": "60s",
                    "timezone": "UTC",
                    "jit": "off",
                    # what `_quoted` relies on
                    "standard_conforming_strings": "on",
                },
            },
        )

    @asynccontextmanager
    async def unit_of_work(
        self,
        organization_id: UUID,
        *,
        actor: str,
        request_id: str | None = None,
        one_view: bool = False,
        party: Party | None = None,
        delivers: bool = False,
    ) -> AsyncIterator[UnitOfWork]:
        """One transaction that sees one organization; commits when the block ends, rolls back on any error.

        With `one_view` all that is read is as of one moment (repeatable read): for those who change nothing. With
        `party` it sees of families and providers only what is theirs (row-level security). With `delivers` the caller
        starts and wakes what stands in its `outbox` after the block.
        """
        named = {"bursar.organization_id": str(organization_id), "bursar.actor": actor}
        named["bursar.request_id"] = request_id or ""
        if party is not None:
            named[f"bursar.{party.kind}_id"] = str(party.id)
        async with self._transaction(named, one_view=one_view) as (connection, driver):
            uow = UnitOfWork(connection, driver, organization_id, actor, self.keyring, party, delivers)
            yield uow
            await uow.write_trail()

    @asynccontextmanager
    async def across_organizations(self, *, actor: str, request_id: str | None = None) -> AsyncIterator[UnitOfWork]:
        """One transaction that sees every organization: for loops, inboxes and key look-up, never for a request."""
        named = {"role": "bursar_system", "bursar.actor": actor}
        async with self._transaction({**named, "bursar.request_id": request_id or ""}) as (connection, driver):
            uow = UnitOfWork(connection, driver, None, actor, self.keyring)
            yield uow
            await uow.write_trail()

    async def call(self, statement: str, *values: Any) -> "asyncpg.Record | None":
        """The row of one server-side function that is a transaction of its own: one trip, a unit of work makes three.

        It is nobody's and sees no organization: for functions that say themselves what they may see. One that the
        server did not take is sent again.
        """
        connection = await self.engine.connect()
        driver = None
        try:
            while True:
                driver = await _driver(connection)
                try:
                    if not driver.is_closed():
                        return await driver.fetchrow(statement, *values)
                except asyncpg.InternalClientError:
                    # its server went away, and it refuses everything: see `dying`
                    driver.terminate()
                await connection.invalidate()
        except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
            if driver is not None and driver.is_closed():
                raise ConnectionResetError("the database closed the connection") from None
            raise
        except asyncio.CancelledError:
            if driver is not None:
                driver.terminate()
            raise
        finally:
            if driver is not None and driver.is_closed() and not connection.invalidated:
                await connection.invalidate()
            await connection.close()

    @asynccontextmanager
    async def _transaction(
        self, named: Mapping[str, str], *, one_view: bool = False
    ) -> AsyncIterator[tuple[AsyncConnection, Driver]]:
        """A pooled connection in a transaction, as SQLAlchemy sees it and bare; none goes back to the pool in one.

        `named` is set for its length, in the same trip to the server that begins it.
        """
        begin = "begin isolation level repeatable read" if one_view else "begin"
        begin += "; select " + ", ".join(f"set_config('{name}', {_quoted(to)}, true)" for name, to in named.items())
        connection = await self.engine.connect()
        try:
            driver = await _driver(connection)
            while driver.is_closed() or not await _begin(driver, begin):
                # it knows already that its server went away
                await connection.invalidate()
                driver = await _driver(connection)
            try:
                yield connection, driver
                if await driver.execute("commit") != "COMMIT":
                    # an error of the database was caught inside the block: PostgreSQL then answers ROLLBACK, no error
                    raise RuntimeError("a database error was passed over in a unit of work: nothing was committed")
            except Exception as error:
                if dying(error):
                    driver.terminate()
                    await connection.invalidate()
                    raise ConnectionResetError("the database gave the connection up") from None
                if driver.is_closed():
                    if isinstance(error, asyncpg.InterfaceError | asyncpg.PostgresConnectionError):
                        raise ConnectionResetError("the database closed the connection") from None
                elif driver.is_in_transaction():
                    await _roll_back(driver)
                raise
            finally:
                # its end was cut short: by the server, or because the task was cancelled
                if not connection.invalidated and (driver.is_closed() or driver.is_in_transaction()):
                    await connection.invalidate()
        finally:
            # nothing is waited for, its transaction has ended: no task of its own, as SQLAlchemy's block would make
            await connection.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


def dying(error: BaseException) -> bool:
    """Whether the driver read its server's last word (FATAL) and has not seen the connection end yet.

    It then refuses everything with an error that is neither the database's nor the network's, and does not call itself
    closed. A server that crashes leaves all idle connections of a pool like that for a moment.
    """
    if isinstance(error, DBAPIError) and error.orig is not None:
        return isinstance(error.orig.__cause__, asyncpg.InternalClientError)
    return isinstance(error, asyncpg.InternalClientError)


async def _begin(driver: Driver, begin: str) -> bool:
    """False when the connection is no use any more."""
    try:
        await driver.execute(begin)
    except asyncpg.InternalClientError:
        driver.terminate()
        return False
    except BaseException:
        # nobody waits for its end: the pool must not give it to others
        driver.terminate()
        raise
    return True


async def _roll_back(driver: Driver) -> None:
    """The caller has an error to hear of already: a server that does not answer may not keep it waiting for ever."""
    try:
        async with asyncio.timeout(ROLLBACK_SECONDS):
            await driver.execute("rollback")
    except (TimeoutError, asyncpg.InternalClientError):
        driver.terminate()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        # nobody gets this connection in a transaction: whoever asked for the rollback looks
        return


def _quoted(value: str) -> str:
    """A literal of SQL: between quotes nothing but a quote means anything."""
    if "\0" in value:
        raise ValueError("PostgreSQL has no text with NUL in it")
    return "'" + value.replace("'", "''") + "'"


async def _driver(connection: AsyncConnection) -> Driver:
    # SQLAlchemy's way to it makes a greenlet, for the one case that it has to connect again
    sync = connection.sync_connection
    raw = sync.connection if sync is not None and not sync.invalidated else await connection.get_raw_connection()
    driver: Driver | None = raw.driver_connection
    if driver is None:
        raise ConnectionResetError("the pool gave no connection")
    return driver
