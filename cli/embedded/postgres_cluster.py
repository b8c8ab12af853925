"""Making a PostgreSQL cluster: once, complete or absent, with passwords that only this user can read.

Everything is addressed through `/proc/self/cwd`: the launcher enters the folder before it drops privileges, so the
server's user needs no right to walk the path to it (a checkout in /root, a private temporary folder).
"""

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from cli.embedded.failure import StartFailedError
from cli.embedded.process import Account, leashed

HERE = "/proc/self/cwd"
OWNER = "postgres"
APPLICATION = "bursar_app"
DATABASE = "bursar"


def environment() -> dict[str, str]:
    """What the programs may know of ours: no PG* variable of the person's shell can change what they do."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def create_cluster(home: Path, programs: Path, account: Account | None) -> None:
    """Create `home/data` with the database, the owner and the application's role, and `home/passwords.json`.

    A run that dies half-way leaves only `home/new`, which the next run removes.

    Raises:
        StartFailedError: initdb or the first statements failed; the line carries PostgreSQL's own reason.
        OSError: the folder cannot be written.
    """
    unfinished = home / "new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    data = unfinished / "data"
    data.mkdir(parents=True, mode=0o700)
    passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, APPLICATION)}
    password_file = unfinished / "password"
    _write_private(password_file, passwords[OWNER])
    if account:
        for path in (unfinished, data, password_file):
            os.chown(path, account.user_id, account.group_id)
    initdb = [str(programs / "initdb"), "-D", HERE, "-U", OWNER, "-A", "scram-sha-256", "--data-checksums"]
    initdb += ["-E", "UTF8", "--locale=C.UTF-8", f"--pwfile={HERE}/../password"]
    _run(initdb, data, account)
    single = [str(programs / "postgres"), "--single", "-D", HERE, "-c", "exit_on_error=on", "template1"]
    # The migrations need the application's role to exist or make it themselves, but only here does it get a password.
    _run(
        single,
        data,
        account,
        f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{passwords[APPLICATION]}'\nCREATE DATABASE {DATABASE}\n",
    )
    password_file.unlink()
    _write_private(home / "passwords.json", json.dumps(passwords))
    data.rename(home / "data")
    unfinished.rmdir()


def read_passwords(home: Path) -> dict[str, str]:
    """The password of each role.

    Raises:
        StartFailedError: the file is gone or damaged while the cluster exists.
    """
    path = home / "passwords.json"
    try:
        found: dict[str, str] = json.loads(path.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        raise StartFailedError(f"the passwords of the embedded PostgreSQL are missing or damaged: {path}") from None
    return found


def reason_in(output: str) -> str:
    """PostgreSQL's own reason in what it printed: the last serious line without its time stamp."""
    if "No space left on device" in output:
        return "the disk is full"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("PANIC:", "FATAL:", "error:", "ERROR:", "cannot start"):
        for line in reversed(lines):
            if mark in line:
                return line[line.index(mark) :].removeprefix(mark).strip()
    return lines[-1] if lines else "it said nothing"


def _run(program: list[str], directory: Path, account: Account | None, statements: str | None = None) -> None:
    done = subprocess.run(  # noqa: S603  # the command is ours, no shell
        leashed(program, directory=directory, account=account),
        input=statements or "",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        name = Path(program[0]).name
        raise StartFailedError(f"PostgreSQL could not set up its data ({name}): {reason_in(done.stderr)}")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
