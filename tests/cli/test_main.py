"""The command itself: quick to explain itself, and every failure is one line."""

import errno
import subprocess
import sys

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from temporalio.service import RPCError, RPCStatusCode

from cli import main
from cli.complaint import complaint
from cli.embedded.failure import StartFailedError
from domain.errors import NotFound

HEAVY = {"sqlalchemy", "asyncpg", "temporalio", "fastapi", "httpx", "pydantic", "alembic", "lxml", "cryptography"}


def test_help_loads_nothing_heavy() -> None:
    code = f"import sys, cli.main; print(sorted({HEAVY} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def refused(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_a_wrong_setting_is_one_line_that_names_it_and_not_its_value() -> None:
    told = refused("doctor", BURSAR_API__PORT="secret-000123456789")
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr == (
        "bursar: BURSAR_API__PORT: Input should be a valid integer, unable to parse string as an integer\n"
    )


def test_debug_shows_the_stack_trace() -> None:
    told = refused("doctor", BURSAR_API__PORT="x", BURSAR_DEBUG="1")
    assert "Traceback" in told.stderr
    assert "StartFailedError" in told.stderr


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (StartFailedError("port 1 is taken"), "port 1 is taken"),
        (NotFound("debit"), "There is no debit with this id."),
        (
            DBAPIError("select '000123456789'", None, asyncpg.UniqueViolationError("Key (a)=(000123456789) exists")),
            "the database refused: UniqueViolationError (23505); run it again with BURSAR_DEBUG=1 to see where",
        ),
        (
            RPCError("000123456789", RPCStatusCode.NOT_FOUND, b""),
            "Temporal refused: RPCError; is it running? try: bursar doctor",
        ),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
            "cannot connect (ConnectionRefusedError); is Bursar running? try: bursar doctor",
        ),
        (OSError(errno.ENOSPC, "No space left on device", "/data/file"), "No space left on device: /data/file"),
        (ValueError("000123456789"), "unexpected ValueError; run it again with BURSAR_DEBUG=1 to see where"),
    ],
)
def test_an_error_is_one_line_without_data(error: Exception, line: str) -> None:
    assert complaint(error) == line


def test_a_failing_command_exits_with_1_and_no_stack_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise StartFailedError("the disk is full")

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "bursar: the disk is full\n"
