"""The database: one engine per process and database, and the door to units of work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.crypto.keyring import Keyring
from db.unit_of_work import UnitOfWork


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
                },
            },
        )

    @asynccontextmanager
    async def unit_of_work(
        self, organization_id: UUID, *, actor: str, request_id: str | None = None
    ) -> AsyncIterator[UnitOfWork]:
        """One transaction that sees one organization; commits when the block ends, rolls back on any error."""
        async with self.engine.connect() as connection, connection.begin():
            await connection.execute(
                text(
                    "select set_config('bursar.organization_id', :organization, true),"
                    " set_config('bursar.actor', :actor, true), set_config('bursar.request_id', :request, true)"
                ),
                {"organization": str(organization_id), "actor": actor, "request": request_id or ""},
            )
            yield UnitOfWork(connection, organization_id, actor, self.keyring)

    @asynccontextmanager
    async def across_organizations(self, *, actor: str, request_id: str | None = None) -> AsyncIterator[UnitOfWork]:
        """One transaction that sees every organization: for loops, inboxes and key look-up, never for a request."""
        async with self.engine.connect() as connection, connection.begin():
            await connection.execute(text("set local role bursar_system"))
            await connection.execute(
                text(
                    "select set_config('bursar.actor', :actor, true), set_config('bursar.request_id', :request, true)"
                ),
                {"actor": actor, "request": request_id or ""},
            )
            yield UnitOfWork(connection, None, actor, self.keyring)

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()
