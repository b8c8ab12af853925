"""The whole API for tests. One application serves a module, whose tests keep out of each other's way."""

from collections.abc import AsyncIterator

import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from settings import Settings
from tests.api.application import Application, fresh_database, open_application


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(migrated: EmbeddedPostgres) -> AsyncIterator[Application]:
    """The application over a database of its own; Temporal is away, its web UI has an address."""
    async with fresh_database(migrated) as name:
        settings = Settings.model_validate(
            {
                "mode": "external",
                "database": {"url": migrated.app_url(name), "owner_url": migrated.url(name)},
                "temporal": {"address": "127.0.0.1:1", "ui_url": "http://127.0.0.1:8233"},
                "keyring": {"keys": Keyring.generate().to_json()},
                "api": {"rate_burst": 100_000, "rate_per_second": 10_000},
            }
        )
        async with open_application(settings) as opened:
            yield opened
