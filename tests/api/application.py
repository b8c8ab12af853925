"""The whole application over a real database, without a worker: what its routes answer by themselves."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from activities.house import House, open_house
from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from db.workflow_run import OutboxRow
from services.api_keys import create_key
from services.operators import add_operator
from settings import SandboxSettings, Settings
from tests.conftest import fresh_database


@dataclass(frozen=True)
class Member:
    """An organization with an operator, her key, and a client that sends it."""

    organization_id: UUID
    email: str
    secret: str = field(repr=False)
    client: httpx.AsyncClient


@dataclass(frozen=True)
class Application:
    """The application and two organizations' callers."""

    settings: Settings
    house: House
    app: FastAPI
    ada: Member
    grace: Member
    addresses: Iterator[int] = field(default_factory=count, repr=False)

    @property
    def database(self) -> Database:
        return self.house.database

    def browser(self, app: FastAPI | None = None) -> httpx.AsyncClient:
        """A caller without a key, at an address of its own, which keeps cookies.

        Numbered: of 256 such names no two share a bucket of login's tries, as addresses made at random may.
        """
        return _client(app or self.app, {}, f"host-{next(self.addresses)}")

    def configured(self, settings: Settings) -> FastAPI:
        """The same application with other settings."""
        return create_app(replace(self.app.state.context, settings=settings), ROUTERS)

    async def key(self, *, member: Member | None = None, scopes: Sequence[str] = ("*",)) -> tuple[UUID, str]:
        """Another key of a member; its id and its secret."""
        holder = member or self.ada
        created = await create_key(
            self.database,
            holder.organization_id,
            operator_email=holder.email,
            name="test",
            scopes=scopes,
            live=False,
            expires_in=None,
            actor="test",
        )
        return created.key_id, created.secret

    async def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """Rows as the owner of the database sees them."""
        connection = await asyncpg.connect(self.settings.database.owner_url.get_secret_value().replace("+asyncpg", ""))
        try:
            await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
            return [dict(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def audited(self, action: str, key_id: UUID) -> list[dict[str, Any]]:
        """What was written about an action of one key, oldest first."""
        return await self.rows(
            "select * from audit.entry where action = $1 and subject_id = $2 order by id", action, str(key_id)
        )


@asynccontextmanager
async def application_over(server: EmbeddedPostgres) -> AsyncIterator[Application]:
    """The API over a fresh database. Temporal is away, its web UI has an address; keys ask as often as they like."""
    async with fresh_database(server) as name:
        settings = Settings.model_validate(
            {
                "mode": "external",
                "database": {"url": server.app_url(name), "owner_url": server.url(name)},
                "temporal": {"address": "127.0.0.1:1", "ui_url": "http://127.0.0.1:8233"},
                "keyring": {"keys": Keyring.generate().to_json()},
                "api": {"rate_burst": 100_000, "rate_per_second": 10_000},
                # nobody is there: on the usual ports there may be a sandbox that somebody is using
                "sandbox": {name: 9 for name in SandboxSettings.model_fields if name.endswith("_port")},
            }
        )
        async with open_application(settings) as opened:
            yield opened


@asynccontextmanager
async def open_application(settings: Settings) -> AsyncIterator[Application]:
    """Build it; nothing is started, rows of the workflow outbox stay where they are."""

    async def start_nothing(_rows: Sequence[OutboxRow]) -> None:
        return

    async with open_house(settings) as house:
        app = create_app(
            ApiContext(
                settings=settings,
                database=house.database,
                temporal=house.temporal,
                after_commit=start_nothing,
                flows=house.flows,
                settler=house.settler,
            ),
            ROUTERS,
        )
        async with (
            await _member(house.database, app, "Ada") as ada,
            await _member(house.database, app, "Grace") as grace,
        ):
            yield Application(settings, house, app, ada, grace)


async def _member(database: Database, app: FastAPI, name: str) -> Any:
    email = f"{name.lower()}@example.test"
    added = await add_operator(database, organization=f"{name}'s", name=name, email=email, actor="test")
    created = await create_key(
        database,
        added.organization_id,
        operator_email=email,
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    client = _client(app, {"Authorization": f"Bearer {created.secret}"})

    @asynccontextmanager
    async def opened() -> AsyncIterator[Member]:
        async with client:
            yield Member(added.organization_id, email, created.secret, client)

    return opened()


def _client(app: FastAPI, headers: dict[str, str], host: str = "127.0.0.1") -> httpx.AsyncClient:
    # a fault of the application answers 500 here as it would over a wire
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(host, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://bursar.test", headers=headers, timeout=30)
