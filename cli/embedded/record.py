"""A note on disk of which process serves a folder, so that a later run can recognise what a killed one left behind."""

import json
import os
import signal
import time
from pathlib import Path

from cli.embedded.identity import ProcessIdentity

POLL_SECONDS = 0.05


class ProcessRecord:
    """The identity of one running program in a file of its own; the file is gone when the program was stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, identity: ProcessIdentity | None) -> None:
        """Note the process; None (it has already ended) notes nothing."""
        if identity is None:
            return
        fields = {"pid": identity.pid, "started": identity.started, "boot": identity.boot}
        unfinished = self._path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(fields), encoding="ascii")
        unfinished.replace(self._path)

    def survivor(self) -> ProcessIdentity | None:
        """The noted process if it still runs. A damaged note, from a full disk, counts as none."""
        try:
            noted = ProcessIdentity(**json.loads(self._path.read_text(encoding="ascii")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return noted if noted.lives() else None

    def clear(self) -> None:
        """Forget it."""
        self._path.unlink(missing_ok=True)


def end_survivor(survivor: ProcessIdentity, *, ask: signal.Signals, grace: float) -> None:
    """End a process that is not our child: ask, wait up to `grace` seconds, then kill it.

    Its identity is compared again before each signal, so a reused process id is never hit.
    """
    for which, patience in ((ask, grace), (signal.SIGKILL, 10.0)):
        try:
            if survivor.lives():
                os.kill(survivor.pid, which)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not survivor.lives():
                return
            time.sleep(POLL_SECONDS)
