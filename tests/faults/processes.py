"""Processes of the test: workers that can be killed with -9, stopped in the middle of a step, and woken; and an API."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import BaseModel, SecretStr

from cli.embedded.ports import free_port
from cli.embedded.process import ChildProcess
from settings import Settings

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 60.0


class WorkerProcess:
    """`python -m worker` with these settings. Start it from the main thread: it dies with that."""

    def __init__(self, settings: Settings) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process = ChildProcess(
            "worker",
            [sys.executable, "-m", "worker"],
            log=Path(self._folder.name) / "worker.log",
            directory=ROOT,
            environment={**_inherited(), **environment_of(settings)},
            grace=30,
        )

    async def start(self) -> None:
        """Return when it takes work."""
        self._process.start()
        async with asyncio.timeout(READY_SECONDS):
            while '"ready": true' not in self._process.written():
                assert self._process.runs, self._process.written()
                await asyncio.sleep(0.05)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def kill(self) -> None:
        """As the kernel kills: without a word."""
        self._process.kill()

    def pause(self) -> None:
        """It stands still wherever it is."""
        self._process.signal(signal.SIGSTOP)

    def wake(self) -> None:
        """It goes on, and does not know that time has passed."""
        self._process.signal(signal.SIGCONT)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(self._process.written()[-4000:])
        self.wake()
        await asyncio.to_thread(self._process.stop)
        self._folder.cleanup()


@asynccontextmanager
async def worker_process(settings: Settings) -> AsyncIterator[WorkerProcess]:
    """A worker for the block."""
    async with WorkerProcess(settings) as worker:
        yield worker


@asynccontextmanager
async def api_process(settings: Settings, folder: Path) -> AsyncIterator[tuple[ChildProcess, str]]:
    """`python -m api` that answers, and its address; killed at the end when it still runs."""
    port = free_port()
    serving = settings.model_copy(update={"api": settings.api.model_copy(update={"port": port})})
    process = ChildProcess(
        "api",
        [sys.executable, "-m", "api"],
        log=folder / "api.log",
        directory=ROOT,
        environment={**_inherited(), **environment_of(serving)},
    )
    process.start()
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(60):
            while not await _alive(client):
                assert process.runs, process.written()
                await asyncio.sleep(0.1)
        yield process, url
    finally:
        if process.runs:
            process.kill()


async def _alive(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).is_success
    except httpx.ConnectError:
        return False


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, all of them: what is left out may follow from other knobs."""
    found: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            found |= {f"BURSAR_{name}__{knob}": getattr(value, knob) for knob in type(value).model_fields}
        else:
            found[f"BURSAR_{name}"] = value
    return {name.upper(): _text(value) for name, value in found.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, frozenset):
        return json.dumps(sorted(value))
    if isinstance(value, list | tuple):
        return json.dumps(value)
    return str(value)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("BURSAR_")}
