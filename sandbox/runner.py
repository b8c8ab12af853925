"""Runs the whole sandbox on loopback sockets inside the current event loop."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.config import SandboxConfig
from sandbox.control.app import create_app as control_app
from sandbox.listener import HttpServer
from sandbox.mailbox.smtp import Delivery, SmtpServer
from sandbox.switchboard import Switchboard
from sandbox.world import World


class SandboxRunner:
    """``async with SandboxRunner() as sandbox``: fresh books in memory, ephemeral ports, no waiting.

    ``addresses`` maps each partner's name, ``control`` and ``smtp`` to its URL; ``world`` is the inside.
    ``ports`` maps the same names to ports; what is not named gets any free one.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        data_dir: Path | None = None,
        start: datetime | None = None,
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
    ) -> None:
        self._config = config or SandboxConfig()
        self._data_dir = data_dir
        self._start = start
        self._host = host
        self._ports = ports or {}
        self._servers: dict[str, HttpServer | SmtpServer] = {}

    @property
    def addresses(self) -> Mapping[str, str]:
        return {name: server.url for name, server in self._servers.items()}

    async def __aenter__(self) -> Self:
        """Raises OSError when a port is taken; then nothing stays open."""
        self.world = World(self._config, self._data_dir, self._start)
        try:
            await self._listen()
        except BaseException:
            await self.stop()
            raise
        return self

    async def _listen(self) -> None:
        for name, app in self.world.apps.items():
            self._servers[name] = HttpServer(app, self._host, self._ports.get(name, 0))
        delivery = Delivery(self.world.mailbox, self.world.journal, self.world.faults, self.world.stopping)
        smtp = SmtpServer(delivery, self._host, self._ports.get("smtp", 0))
        self._servers["smtp"] = smtp
        listeners = {name: server.listener for name, server in self._servers.items() if name != "smtp"}
        listeners[self.world.mailbox.name] = smtp.listener
        switchboard = Switchboard(self.world.faults, listeners)
        control = HttpServer(control_app(self.world, switchboard), self._host, self._ports.get("control", 0))
        self._servers["control"] = control
        await switchboard.apply()
        await control.listener.accept()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        self.world.stopping.set()
        for server in self._servers.values():
            await server.close()
        await self.world.close()
