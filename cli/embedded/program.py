"""A Python program of this project as a part: the sandbox, the worker, the API."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cli.embedded.failure import StartFailedError
from cli.embedded.part import Part, say_nothing
from cli.embedded.ports import require_free_port

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.1
SAY_EVERY_SECONDS = 3.0


class Program(Part):
    """`python -m MODULE ARGUMENTS`, ready when `ready` says so; given what it wrote since it began.

    `environment` is asked at each start, because addresses of other parts are known only then. `ports` maps the setting
    that names a port to the port, to refuse a taken one before the program stumbles over it. `grace` is the time in
    seconds that it gets to finish what it does; it must exceed the longest step that may not be cut.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        arguments: Sequence[str],
        *,
        ready: Callable[[str], bool],
        environment: Callable[[], Mapping[str, str]],
        ports: Mapping[str, int] | None = None,
        start_seconds: float = 60.0,
        grace: float = 10.0,
        progress: Callable[[str], None] = say_nothing,
    ) -> None:
        super().__init__(name, folder, progress, grace=grace)
        self._arguments = list(arguments)
        self._ready = ready
        self._environment = environment
        self._ports = ports or {}
        self._start_seconds = start_seconds

    def _launch(self) -> None:
        for setting, port in self._ports.items():
            require_free_port(port, needed_by=self.name, setting=setting)
        child = self._run([sys.executable, "-m", *self._arguments], directory=ROOT, environment=self._environment())
        began = time.monotonic()
        say_at = SAY_EVERY_SECONDS
        while not self._ready(child.written()):
            waited = time.monotonic() - began
            if not child.runs:
                raise StartFailedError(f"{self.name} ended at once: {last_line(child.written())} (log: {self.log})")
            if waited > self._start_seconds:
                raise StartFailedError(f"{self.name} was not ready after {waited:.0f} s (log: {self.log})")
            if waited > say_at:
                self._say(f"still starting ({waited:.0f} s)")
                say_at += SAY_EVERY_SECONDS
            time.sleep(POLL_SECONDS)


def last_line(output: str) -> str:
    """The last thing a program said; of a Python traceback that is the error itself."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
