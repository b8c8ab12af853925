"""The database as the application sees it, for commands that change something: audited, row-level security in force."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.house import keyring_of
from cli.configuration import read_settings, with_database
from db.engine import Database
from settings import Settings

ACTOR = "cli"
"""Who did it, as audit rows name them: whoever may run commands on this machine."""


@asynccontextmanager
async def application_database() -> AsyncIterator[tuple[Settings, Database]]:
    """The settings and a database of one connection.

    Raises:
        StartFailedError: there is no database yet, or a setting is wrong.
    """
    settings = with_database(read_settings())
    database = Database(settings.database.url.get_secret_value(), keyring_of(settings), pool_size=1)
    try:
        yield settings, database
    finally:
        await database.close()
