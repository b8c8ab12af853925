"""A fault of ours is a problem document and one log line; what was sent or stored shows in neither."""

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.outage import is_outage

SECRET = "4111000011112222"


def driver_error(sqlstate: str) -> Exception:
    error = Exception(SECRET)
    error.sqlstate = sqlstate  # type: ignore[attr-defined]
    return error


OUTAGES = [
    ConnectionRefusedError(SECRET),
    TimeoutError(),
    PoolTimeoutError(SECRET),
    OperationalError(SECRET, None, Exception(SECRET)),
    DBAPIError(SECRET, None, driver_error("57P01")),
    DBAPIError(SECRET, None, driver_error("40P01")),
    asyncpg.exceptions.CannotConnectNowError(SECRET),
    asyncpg.exceptions.ConnectionDoesNotExistError(SECRET),
]
FAULTS = [
    RuntimeError(SECRET),
    KeyError(SECRET),
    UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
    IntegrityError(SECRET, None, driver_error("23505")),
    asyncpg.exceptions.CharacterNotInRepertoireError(SECRET),
]


async def test_a_fault_is_told_without_its_text(api, subtests):
    for fault in FAULTS:
        with subtests.test(repr(fault)):
            api.stage.refuse = fault
            with structlog.testing.capture_logs() as logs:
                answer = await api.client.get("/v1/things/x")
            assert answer.status_code == 500
            assert answer.json()["code"] == "internal_error"
            assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
            (line,) = [line for line in logs if line["event"] == "request_failed"]
            assert line["error"] == type(fault).__name__
            assert any(place.startswith("conftest.py:") for place in line["where"])
            assert SECRET not in f"{answer.text} {answer.headers} {logs}"


async def test_a_database_that_is_away_is_told_as_such_and_when_to_come_back(api, subtests):
    for fault in OUTAGES:
        with subtests.test(repr(fault)):
            api.stage.refuse = fault
            answer = await api.client.get("/v1/things/x")
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            assert SECRET not in answer.text


def test_only_a_database_that_is_away_is_an_outage():
    assert all(map(is_outage, OUTAGES))
    assert not any(map(is_outage, FAULTS))
