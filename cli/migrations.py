"""What the `migrate` command and the supervisor do with Alembic; always as the owner of the database."""

import asyncio
import tempfile
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import db.migrations
from cli.embedded.failure import StartFailedError
from cli.embedded.postgres import EmbeddedPostgres

THROW_AWAY = {"fsync": "off", "shared_buffers": "32MB", "max_connections": "20"}


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Bring the database to `revision`; nothing happens when it is there."""
    command.upgrade(_config(owner_url), revision)


def let_clock_advance(owner_url: str) -> None:
    """Mark the database as a sandbox's: only then may its business clock be moved. Never for real money."""
    engine = create_async_engine(owner_url, hide_parameters=True)

    async def mark() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("update business_clock set sandbox = true where not sandbox"))
        await engine.dispose()

    asyncio.run(mark())


def downgrade(owner_url: str, revision: str) -> None:
    """Take the database back to `revision`; `base` is the empty one. Data of dropped tables is lost."""
    command.downgrade(_config(owner_url), revision)


def head() -> str:
    """The newest revision that the code knows."""
    return str(ScriptDirectory(_folder()).get_current_head())


def check_on_throw_away_server() -> None:
    """Prove on a fresh server that the migrations go up, down and up again and give the tables that the code declares.

    Raises:
        StartFailedError: the tables differ; the line names the first differences.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bursar-migrations-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", settings=THROW_AWAY) as server,
    ):
        upgrade(server.url())
        downgrade(server.url(), "base")
        upgrade(server.url())
        try:
            command.check(_config(server.url()))
        except CommandError as error:
            raise StartFailedError(f"the migrations do not give the tables in db/tables: {error}") from None


def _config(owner_url: str) -> Config:
    config = Config(stdout=StringIO())  # its own remarks are of no interest here
    config.set_main_option("script_location", _folder())
    # The URL passes through a ConfigParser, for which a percent sign begins a substitution.
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config


def _folder() -> str:
    return str(Path(db.migrations.__path__[0]))
