"""One owner per folder, also after a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.embedded.failure import StartFailedError
from cli.embedded.lock import FolderLock

HOLD = """
import sys, time
from pathlib import Path
from cli.embedded.lock import FolderLock
FolderLock(Path(sys.argv[1])).acquire("it")
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_owner_is_refused_and_told_which_process_has_it(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "lock"), FolderLock(tmp_path / "lock")
    first.acquire("the data")
    with pytest.raises(StartFailedError, match=rf"the data is in use .*\(process {os.getpid()}\); stop that one first"):
        second.acquire("the data")
    first.release()
    second.acquire("the data")
    second.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StartFailedError, match=f"process {holder.pid}"):
            FolderLock(path).acquire("the data")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    after = FolderLock(path)
    after.acquire("the data")
    after.release()
