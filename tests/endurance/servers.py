"""Everything that a system is made of, each part a process of its own that may be killed with -9 and comes back."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from cli.embedded.failure import StartFailedError
from cli.embedded.machine import says_ready, serves
from cli.embedded.part import Part
from cli.embedded.ports import free_port
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.program import Program
from cli.embedded.temporal import EmbeddedTemporal
from sandbox.runner import SandboxRunner
from settings import Settings
from settings_worker import WorkerSettings
from tests.conftest import TEMPLATE, make_template, system_settings
from tests.environment import environment_of
from tests.faults.world import changed

SANDBOX_PORTS = ("control", "epx", "chek", "column", "paypal", "mailbox")
GIVE_UP_SECONDS = 90.0
LOOK_SECONDS = 0.2
RAIL = {"http_timeout_seconds": 2.0, "connect_timeout_seconds": 1.0, "settling_delay_seconds": 2.0}
"""Longer than any delay of the plan: what a partner does with a request it does before that, on a busy machine too."""
TIMING: Mapping[str, Mapping[str, Any]] = {
    "money_call": {"send_window_seconds": 3.0, "settle_deadline_seconds": 60, "watch_seconds": 5.0},
    "worker": {
        "outbox_poll_seconds": 0.3,
        "seal_seconds": 0.5,
        "inbox_longest_pause_seconds": 2.0,
        # full within minutes: what a worker holds more after that is no run that it keeps
        "cached_workflows": 200,
    },
    "epx": RAIL | {"feed_poll_seconds": 0.5, "reinitiate_after_banking_days": 1, "returns_watch_seconds": 10.0},
    "chek": RAIL | {"readings_apart_seconds": 2.1, "payout_watch_seconds": 10.0},
    "childcare": {"children_per_provider": 1000, "funding_again_seconds": 3.0},
    "column": RAIL,
    "paypal": RAIL,
    "payout": {"watch_seconds": 1.0},
}
MANY = 1_000_000
"""One key plays all callers: each would have a key of its own, and the limit of that."""


@dataclass(frozen=True)
class Partners:
    """Where the sandbox's process listens: as much of a sandbox as a system needs."""

    addresses: Mapping[str, str]


def _partners(ports: Mapping[str, int]) -> SandboxRunner:
    smtp = {"smtp": f"smtp://127.0.0.1:{ports['mailbox']}"}
    http = {name: f"http://127.0.0.1:{port}" for name, port in ports.items() if name != "mailbox"}
    return cast("SandboxRunner", Partners(smtp | http))


class Servers:
    """PostgreSQL, Temporal, the sandbox, workers and the API. An async context manager that starts and stops them.

    Each part is started from a thread of its own that lives as long as this: the kernel ends a part with the thread
    that started it. What ends without having been killed is in `fell`, and is started again too.
    """

    def __init__(self, folder: Path, *, workers: int, **changes: Mapping[str, Any]) -> None:
        self.folder = folder
        self.kills: Counter[str] = Counter()
        self.fell: list[str] = []
        self._changes = changes
        self._ports = {name: free_port() for name in SANDBOX_PORTS}
        self.partners = _partners(self._ports)
        self.postgres = EmbeddedPostgres(folder / "postgres", settings={"fsync": "off", "shared_buffers": "128MB"})
        self.temporal = EmbeddedTemporal(folder / "temporal", headless=True)
        self._parts: dict[str, Part] = {"postgres": self.postgres, "temporal": self.temporal}
        self._workers = [f"worker-{number}" for number in range(1, workers + 1)]
        self._hands: dict[str, ThreadPoolExecutor] = {}
        self._down: set[str] = set()

    @property
    def killable(self) -> tuple[str, ...]:
        """Everything but the sandbox, which is the world outside."""
        return tuple(name for name in self._parts if name != "sandbox")

    def pid(self, name: str) -> int | None:
        """The process of a part, while it runs."""
        part = self._parts[name]
        return part.pid if name not in self._down and part.runs else None

    async def __aenter__(self) -> Self:
        try:
            self._parts["sandbox"] = self._sandbox(f"http://127.0.0.1:{(port := free_port())}")
            await asyncio.gather(*(self._start(name) for name in ("postgres", "temporal", "sandbox")))
            await asyncio.to_thread(make_template, self.postgres)
            self.settings = self._settings(port)
            for name in self._workers:
                self._parts[name] = self._program(name, "worker", says_ready)
            self._parts["api"] = self._program("api", "api", lambda _: serves("127.0.0.1", port))
            await asyncio.gather(*(self._start(name) for name in (*self._workers, "api")))
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def kill(self, name: str, down: float, meanwhile: Callable[[], Awaitable[object]] | None = None) -> bool:
        """As the kernel kills; away for some seconds, and back. False when it was away already."""
        if name in self._down:
            return False
        self._down.add(name)
        self.kills[name] += 1
        await self._by_hand(name, self._parts[name].kill)
        if meanwhile is not None:
            await meanwhile()
        await asyncio.sleep(down)
        await self._back(name)
        return True

    async def watch(self) -> None:
        """Start again what ended by itself, as a supervisor does. Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for name, part in self._parts.items():
                if name not in self._down and not part.runs:
                    self._down.add(name)
                    self.fell.append(f"{name}: {part.ending}")
                    await self._back(name)

    def written(self, name: str) -> str:
        """All that a part wrote to its log."""
        folder = self.folder / name
        logs = [folder / "output.previous.log", folder / "output.log"]
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())

    async def _back(self, name: str) -> None:
        """Tried until it stands: what it needs may be away as well."""
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while True:
            try:
                await self._start(name)
                break
            except StartFailedError:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(LOOK_SECONDS)
        self._down.discard(name)

    async def _start(self, name: str) -> None:
        await self._by_hand(name, self._parts[name].start)

    async def _by_hand(self, name: str, deed: Callable[[], None]) -> None:
        hand = self._hands.setdefault(name, ThreadPoolExecutor(1, thread_name_prefix=name))
        await asyncio.get_running_loop().run_in_executor(hand, deed)

    async def _stop(self) -> None:
        order = [name for name in ("api", *self._workers, "sandbox", "temporal", "postgres") if name in self._parts]
        for name in order:
            await self._by_hand(name, self._parts[name].stop)
        for hand in self._hands.values():
            hand.shutdown()

    def _settings(self, api_port: int) -> Settings:
        plain = system_settings(self.postgres, self.temporal.address, TEMPLATE, self.partners)
        api = {"port": api_port, "public_url": f"http://127.0.0.1:{api_port}"}
        limits = {"rate_burst": MANY, "rate_per_second": MANY}
        worker = {"graceful_shutdown_seconds": 100, "sticky_seconds": WorkerSettings().sticky_seconds}
        common = {"log_level": "warning", "worker": {**plain.worker.model_dump(), **worker}}
        plain = Settings.model_validate({**plain.model_dump(), **common})
        made = changed(plain, api=api | limits, **TIMING)
        return changed(made, **self._changes) if self._changes else made

    def _program(self, name: str, module: str, ready: Callable[[str], bool]) -> Program:
        told = {**_inherited(), **environment_of(self.settings)}
        told.pop("BURSAR_DATABASE__OWNER_URL")
        return Program(name, self.folder / name, [module], ready=ready, environment=lambda: told, grace=20)

    def _sandbox(self, api: str) -> Program:
        arguments = ["sandbox", "--column-webhook-url", f"{api}/v1/webhooks/column"]
        arguments += ["--paypal-webhook-url", f"{api}/v1/webhooks/paypal"]
        arguments += [part for name, port in self._ports.items() for part in (f"--{name}-port", str(port))]
        return Program("sandbox", self.folder / "sandbox", arguments, ready=says_ready, environment=_inherited)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("BURSAR_")}
