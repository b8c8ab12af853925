"""Real parts: one PostgreSQL and one Temporal server per run, a fresh database and fresh sandboxes per test."""

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import structlog
from alembic import command
from alembic.config import Config

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id
from sandbox.runner import SandboxRunner
from settings import Settings
from tests.opening import OPEN_CLOCK, fresh_sandbox
from tests.scratch import POSTGRES, scratch
from tests.system import System, open_system

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

ROOT = Path(__file__).parent.parent
TEMPLATE = "template_bursar"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of this run's own. It is killed with -9 by tests, which loses nothing that the kernel has: no fsync."""
    with scratch(tmp_path_factory.mktemp("postgres")) as folder, EmbeddedPostgres(folder, settings=POSTGRES) as server:
        yield server


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    """A server of this run's own."""
    with EmbeddedTemporal(tmp_path_factory.mktemp("temporal"), in_memory=True, headless=True) as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    """The server with a migrated template, from which each test's database is copied."""
    make_template(postgres)
    return postgres


def make_template(postgres: EmbeddedPostgres) -> None:
    """A migrated database whose business clock stands where tests begin. Blocks; not from inside an event loop."""
    asyncio.run(_execute(postgres, f"create database {TEMPLATE}"))
    migrate(postgres.url(TEMPLATE), "heads")
    asyncio.run(_execute(postgres, OPEN_CLOCK, TEMPLATE))


def migrate(owner_url: str, revision: str) -> None:
    """Bring a database up (or down) to a revision."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "db" / "migrations"))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)


@asynccontextmanager
async def fresh_database(server: EmbeddedPostgres) -> AsyncIterator[str]:
    """The name of a migrated database, which is dropped at the end."""
    name = f"test_{new_id().hex}"
    await _execute(server, f"create database {name} template {TEMPLATE} strategy file_copy")
    yield name
    await _execute(server, f"drop database {name} with (force)")


@pytest.fixture
async def database_name(migrated: EmbeddedPostgres) -> AsyncIterator[str]:
    """A fresh, migrated database, dropped after the test."""
    async with fresh_database(migrated) as name:
        yield name


@pytest.fixture
async def database(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Database]:
    """The fresh database as the application sees it."""
    opened = Database(migrated.app_url(database_name), Keyring.generate())
    yield opened
    await opened.close()


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxRunner]:
    """Fresh partners with empty books on free ports."""
    async with fresh_sandbox() as runner:
        yield runner


@pytest.fixture
def settings(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, database_name: str, sandbox: SandboxRunner
) -> Settings:
    """A whole system's settings, with short partner timeouts."""
    return system_settings(migrated, temporal.address, database_name, sandbox)


def system_settings(
    migrated: EmbeddedPostgres, temporal_address: str, database_name: str, sandbox: SandboxRunner
) -> Settings:
    """A whole system's settings, with short partner timeouts."""
    ports = {name: int(url.rsplit(":", 1)[1]) for name, url in sandbox.addresses.items()}
    rail = {"http_timeout_seconds": 1.0, "connect_timeout_seconds": 3.0, "settling_delay_seconds": 0.3}
    return Settings.model_validate(
        {
            "mode": "external",
            "database": {
                "url": migrated.app_url(database_name),
                "owner_url": migrated.url(database_name),
                # each connection learns the schema and the functions anew
                "pool_size": 4,
            },
            "temporal": {"address": temporal_address, "task_queue": f"test-{new_id().hex}"},
            "keyring": {"keys": Keyring.generate().to_json()},
            # stories approve more in a minute than an operator may in a day; those of the limit set their own
            "limits": {"approver_per_day": 10**12},
            "receipts": {"folder": str(migrated.data.parent / f"receipts-{database_name}")},
            "payout": {"watch_seconds": 0.3},
            # stories that kill a worker do not wait long for what it had in memory
            "worker": {"outbox_poll_seconds": 0.1, "seal_seconds": 0.5, "sticky_seconds": 3},
            "money_call": {
                "send_window_seconds": 1.5,
                "settle_deadline_seconds": 15,
                "find_first_seconds": 0.1,
                "find_longest_seconds": 1.0,
                "watch_after_seconds": 0.5,
            },
            "sandbox": {
                "control_port": ports["control"],
                "epx_port": ports["epx"],
                "chek_port": ports.get("chek", 9),
                "column_port": ports.get("column", 9),
                "paypal_port": ports.get("paypal", 9),
                "mailbox_port": ports.get("smtp", 9),
            },
            "epx": {**rail, "feed_poll_seconds": 0.2},
            "chek": rail,
            "column": rail,
            "paypal": rail,
        }
    )


@pytest.fixture
async def system(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[System]:
    """The whole system: API, worker and loops in this process, partners on loopback."""
    async with open_system(settings, sandbox) as opened:
        yield opened


@pytest.fixture
def seed(record_property: Callable[[str, object], None]) -> str:
    """Of this run; shown at its end, also when everything is well."""
    drawn = os.environ.get("TEST_SEED") or str(random.SystemRandom().randrange(1_000_000))
    record_property("seed", drawn)
    return drawn


async def _execute(server: EmbeddedPostgres, statement: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(server.url(database).replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: stories wait for each other's servers now and then."""
    return (os.cpu_count() or 1) + 1


LONGEST_FIRST = ("tests/faults/", "tests/flows/", "tests/cli/test_up.py", "tests/returns/", "tests/db/")
FAULTS_SECONDS = 600
"""Most of their time is waiting: on a busy machine a whole matrix may take longer than the timeout of other tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process waits at the end for another one's last file."""

    def rank(item: pytest.Item) -> int:
        return next((n for n, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), len(LONGEST_FIRST))

    items.sort(key=rank)
    for item in items:
        if item.nodeid.startswith(("tests/faults/", "tests/endurance/")):
            item.add_marker(pytest.mark.timeout(FAULTS_SECONDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which seeds randomized tests drew, also when all is well, and also of parallel runs."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties if report.when == "call" else []:
                if name == "seed":
                    terminalreporter.write_line(f"{report.nodeid}: TEST_SEED={value}")
