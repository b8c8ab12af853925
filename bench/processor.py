"""Processor time, the figure that stays true on a busy machine."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time since each began."""

    server: float
    client: float


class Processor:
    """Reads what the server's process with all its children, and this process, have used.

    Children must live from one reading to the next: connections stay open between samples.
    """

    def __init__(self, server_pid: int | None = None) -> None:
        self._server = psutil.Process(server_pid) if server_pid else None
        self._client = psutil.Process()

    def read(self) -> Spent:
        """Now."""
        server = 0.0
        if self._server:
            server = sum(_used(process) for process in (self._server, *self._server.children(recursive=True)))
        return Spent(server, _used(self._client))


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
