"""After everything that went right and wrong, no secret lies in a database, a file of a server, or a log."""

import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio

from cli.embedded.machine import says_ready, serves
from cli.embedded.ports import free_port
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.program import Program
from cli.embedded.temporal import EmbeddedTemporal
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id
from sandbox.runner import SandboxRunner
from services.api_keys import create_key
from services.operators import add_operator
from settings import Settings
from tests.conftest import fresh_database, system_settings
from tests.environment import environment_of
from tests.opening import fresh_sandbox
from tests.security.deeds import SECRETS, Deeds
from tests.security.partner import chatterbox
from tests.security.search import Needles, dump

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLANTED = "planted-9b1c"


@dataclass
class Aftermath:
    """What is left when all processes have ended, and what must not be in it."""

    secrets: dict[str, str]
    rows: list[tuple[str, bytes]] = field(default_factory=list)
    data_files: list[Path] = field(default_factory=list)
    temporal_files: list[Path] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    receipt_folder: Path = Path()
    receipts: list[Path] = field(default_factory=list)

    @property
    def needles(self) -> Needles:
        return Needles(self.secrets)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(migrated: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    """Run everything as processes of their own, then end them."""
    folder = tmp_path_factory.mktemp("secrets")
    began = time.time()
    async with AsyncExitStack() as stack:
        name = await stack.enter_async_context(fresh_database(migrated))
        url = migrated.url(name).replace("+asyncpg", "")
        owner = await asyncpg.connect(url)
        stack.push_async_callback(owner.close)
        left = Aftermath(secrets=dict(SECRETS))
        with EmbeddedTemporal(folder / "temporal", headless=True) as temporal:
            await _run(left, migrated, temporal, name, owner, folder)
            left.logs = [temporal.log, migrated.log, folder / "worker" / "output.log", folder / "api" / "output.log"]
        left.temporal_files = [path for path in (folder / "temporal").iterdir() if path.name.startswith("temporal.db")]
        await owner.execute(f"create table planted as select '{PLANTED}'::text as secret")
        await owner.execute("checkpoint")
        left.rows = await dump(url)
        left.receipts = [path for path in left.receipt_folder.rglob("*") if path.is_file()]
        left.data_files = list(_data_files(migrated.data, await _oid(owner), began))
        yield left


async def _run(
    left: Aftermath,
    postgres: EmbeddedPostgres,
    temporal: EmbeddedTemporal,
    name: str,
    owner: "asyncpg.Connection[asyncpg.Record]",
    folder: Path,
) -> None:
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(fresh_sandbox())
        epx = await stack.enter_async_context(chatterbox(sandbox.addresses["epx"]))
        column = await stack.enter_async_context(chatterbox(sandbox.addresses["column"]))
        settings = _settings(postgres, temporal, name, sandbox, epx.url, column.url)
        left.receipt_folder = settings.receipts.folder
        left.secrets |= _configured(settings)
        port = settings.api.port
        sandbox.world.column.config.webhook_url = f"http://127.0.0.1:{port}/v1/webhooks/column"
        keys = await _keys(settings)
        left.secrets |= {f"key of {who}": secret.removeprefix("sk_test_") for who, secret in keys.items()}
        environment = {**os.environ, **environment_of(settings)}
        worker = Program("worker", folder / "worker", ["worker"], ready=says_ready, environment=lambda: environment)
        api = Program(
            "API",
            folder / "api",
            ["api"],
            ready=lambda _: serves("127.0.0.1", port),
            environment=lambda: environment,
        )
        stack.enter_context(worker)
        stack.enter_context(api)
        ada, grace = [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {secret}"}, timeout=40
                )
            )
            for secret in keys.values()
        ]
        deeds = Deeds(ada, grace, sandbox, epx, column, owner)
        hook = await deeds.post("/v1/webhook-endpoints", {"url": "http://127.0.0.1:9/hook"})
        left.secrets["secret of a webhook endpoint"] = hook["secret"].removeprefix("whsec_")
        await deeds.a_debit_that_succeeds()
        await deeds.a_correction_by_the_bank()
        await deeds.requests_that_are_refused()
        await deeds.errors_of_the_database()
        await deeds.partners_that_repeat_what_they_hear()
        await deeds.people_who_become_known_at_chek()
        await deeds.a_reimbursement_that_comes_back()


def _settings(
    postgres: EmbeddedPostgres, temporal: EmbeddedTemporal, name: str, sandbox: SandboxRunner, epx: str, column: str
) -> Settings:
    base = system_settings(postgres, temporal.address, name, sandbox)
    told = base.epx.model_copy(update={"url": epx})
    return base.model_copy(
        update={
            "log_level": "debug",
            "api": base.api.model_copy(
                update={"port": (port := free_port()), "public_url": f"http://127.0.0.1:{port}"}
            ),
            "epx": told,
            "column": base.column.model_copy(update={"url": column}),
        }
    )


def _configured(settings: Settings) -> dict[str, str]:
    """Keys of the installation itself."""
    ring = json.loads(settings.keyring.keys.get_secret_value())
    return {
        "encryption key": ring["encryption"]["k1"].rstrip("="),
        "fingerprint key": ring["fingerprint"].rstrip("="),
        "signing key": ring["signing"].rstrip("="),
        "key for Chek": settings.chek.api_key.get_secret_value(),
        "key for Column": settings.column.api_key.get_secret_value(),
        "secret of Column's webhooks": settings.column.webhook_secret.get_secret_value(),
        "password of the database": settings.database.url.get_secret_value().split(":")[2].split("@")[0],
    }


async def _keys(settings: Settings) -> dict[str, str]:
    database = Database(
        settings.database.url.get_secret_value(), Keyring.from_json(settings.keyring.keys.get_secret_value())
    )
    keys = {}
    for who in ("Ada", "Grace"):
        email = f"{who.lower()}@example.test"
        added = await add_operator(database, organization="One", name=who, email=email, actor="test")
        created = await create_key(
            database,
            added.organization_id,
            operator_email=email,
            name=f"key {new_id()}",
            scopes=["*"],
            live=False,
            expires_in=None,
            actor="test",
        )
        keys[who] = created.secret
    await database.close()
    return keys


async def _oid(owner: "asyncpg.Connection[asyncpg.Record]") -> int:
    found: int = await owner.fetchval("select oid::int from pg_database where datname = current_database()")
    return found


def _data_files(data: Path, oid: int, since: float) -> Iterator[Path]:
    """The database's own files, and the write-ahead log since the beginning."""
    for folder in (data / "base" / str(oid), data / "pg_wal"):
        yield from (path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime >= since)


async def test_no_row_of_any_table_holds_a_secret(aftermath: Aftermath) -> None:
    found = {f"{name} in {place}" for place, hay in aftermath.rows for name in aftermath.needles.within(hay)}
    assert not found, "\n".join(sorted(found))


async def test_no_file_of_the_database_holds_a_secret(aftermath: Aftermath) -> None:
    assert aftermath.needles.in_files(aftermath.data_files) == []


async def test_no_file_of_temporal_holds_a_secret(aftermath: Aftermath) -> None:
    assert aftermath.needles.in_files(aftermath.temporal_files) == []


async def test_no_log_holds_a_secret(aftermath: Aftermath) -> None:
    assert aftermath.needles.in_files(aftermath.logs) == []


async def test_no_stored_receipt_can_be_read(aftermath: Aftermath) -> None:
    assert len(aftermath.receipts) == 1
    assert aftermath.needles.in_files(aftermath.receipts) == []


async def test_the_search_finds_what_is_there(aftermath: Aftermath) -> None:
    planted = Needles({"planted": PLANTED})
    assert [place for place, hay in aftermath.rows if planted.within(hay)] == ["public.planted.secret"]
    assert planted.in_files(aftermath.data_files)
    assert Needles({"a merchant's name": "Piano school"}).in_files(aftermath.data_files)
    assert Needles({"a workflow's id": "ach-account/"}).in_files(aftermath.temporal_files)
    logs = {path.parent.name: path.read_text() for path in aftermath.logs}
    assert '"event": "activity_failed"' in logs["worker"]
    assert '"event": "request_failed"' in logs["api"]
    assert '"status": 422' in logs["api"]
