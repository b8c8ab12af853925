"""All of Bursar as processes of its own, as `bursar up` starts them: on data and ports of the run."""

import asyncio
import math
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx

from activities.house import open_house
from bench.parts import Parts
from bench.variant import DEFAULTS, Variant, servers
from cli.configuration import read_settings, with_database
from cli.embedded.failure import StartFailedError
from cli.embedded.ports import free_port
from cli.embedded.process import ChildProcess
from cli.embedded.program import ROOT
from domain.tls import trusted
from sandbox.runner import SandboxRunner
from services.api_keys import create_key
from services.operators import add_operator
from settings import Settings
from tests.opening import AHEAD
from tests.system import System

FOLDER = Path(".bursar/bench")
READY = "Ctrl-C stops it"
START_SECONDS = 120
PORTS = ("API__PORT", "DATABASE__PORT", "TEMPORAL__PORT", "TEMPORAL__UI_PORT")
PARTNERS = ("CONTROL", "EPX", "CHEK", "COLUMN", "PAYPAL", "MAILBOX")
KNOBS: Mapping[str, str] = {
    "LOG_LEVEL": "warning",
    # one key asks for everything here, and one operator approves all of it
    "API__RATE_PER_SECOND": "100000",
    "API__RATE_BURST": "100000",
    "LIMITS__PER_TRANSACTION": str(10**9),
    "LIMITS__PER_DAY": str(10**12),
    "LIMITS__APPROVER_PER_DAY": str(10**12),
    # the feeds are files that somebody writes once a day: here they are awaited
    "EPX__FEED_POLL_SECONDS": "0.5",
}
"""All else is as a person has it who types `make up`."""


@dataclass(frozen=True, slots=True)
class Premises:
    """`system` speaks to it over HTTP; its `house` is this process's own door to the database and to Temporal."""

    system: System
    parts: Parts
    chek: httpx.AsyncClient


@asynccontextmanager
async def open_premises(variant: Variant = DEFAULTS) -> AsyncIterator[Premises]:
    """Started, on a plain banking day, and gone afterwards. From the main thread: its processes end with that."""
    FOLDER.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs in this loop yet
    with (
        tempfile.TemporaryDirectory(prefix="premises-", dir=FOLDER) as folder,
        servers(variant, Path(folder)) as given,
        _told(Path(folder), {**variant.settings, **given}),
    ):
        async with _up(Path(folder)), AsyncExitStack() as stack:
            yield await _move_in(with_database(read_settings()), stack)


@asynccontextmanager
async def _up(folder: Path) -> AsyncIterator[None]:
    """`bursar up` until the end of the block."""
    process = ChildProcess(
        "bursar up",
        [sys.executable, "-m", "cli.main", "up"],
        log=folder / "up.log",
        directory=ROOT,
        environment=os.environ,
        stop_signal=signal.SIGINT,
        grace=60,
    )
    process.start()
    try:
        async with asyncio.timeout(START_SECONDS):
            while READY not in process.written():
                if not process.runs:
                    raise StartFailedError(process.written())
                await asyncio.sleep(0.1)
        yield
    finally:
        await asyncio.to_thread(process.stop)


async def _move_in(settings: Settings, stack: AsyncExitStack) -> Premises:
    house = await stack.enter_async_context(open_house(settings))
    clients = []
    organization_id = None
    for name in ("Ada", "Grace"):
        email = f"{name.lower()}@example.test"
        added = await add_operator(house.database, organization="Bench", name=name, email=email, actor="bench")
        organization_id = added.organization_id
        key = await create_key(
            house.database,
            organization_id,
            operator_email=email,
            name="bench",
            scopes=["*"],
            live=False,
            expires_in=None,
            actor="bench",
        )
        headers = {"Authorization": f"Bearer {key.secret}"}
        clients.append(await stack.enter_async_context(_client(f"http://127.0.0.1:{settings.api.port}", headers)))
    if organization_id is None:
        raise RuntimeError("there is an organization once it has operators")
    sandbox = settings.sandbox
    control = await stack.enter_async_context(_client(sandbox.address(sandbox.control_port), {}))
    chek = await stack.enter_async_context(
        _client(
            f"{sandbox.address(sandbox.chek_port)}/api/v1/account/1/",
            {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"},
        )
    )
    # the partners are a process here: nothing of what is asked of a system looks into them
    system = System(settings, cast("SandboxRunner", None), house, control, clients[0], clients[1], organization_id)
    days, hours = divmod(math.ceil(AHEAD.total_seconds() / 3600), 24)
    await system.advance_clock(days=days, hours=hours)
    return Premises(system, Parts.of(settings.data_dir), chek)


def _client(url: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
    # a server closes what was idle for five seconds, perhaps just when it is used again: not kept so long
    limits = httpx.Limits(max_connections=400, max_keepalive_connections=400, keepalive_expiry=2)
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=120, limits=limits, verify=trusted())


@contextmanager
def _told(folder: Path, besides: Mapping[str, str]) -> Iterator[None]:
    """What this process and those that it starts read as their settings."""
    before = dict(os.environ)
    ports = {name: str(free_port()) for name in (*PORTS, *(f"SANDBOX__{partner}_PORT" for partner in PARTNERS))}
    wanted = {**KNOBS, **ports, "DATA_DIR": str(folder.absolute()), "TEMPORAL__TASK_QUEUE": secrets.token_hex(4)}
    wanted |= besides
    for name in [name for name in os.environ if name.startswith("BURSAR_")]:
        del os.environ[name]
    os.environ.update({f"BURSAR_{name}": value for name, value in wanted.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
