"""`bursar reimbursements …`: each command asks a route that the API has, says what follows, and passes refusals on."""

from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli import reimbursements
from cli.childcare.api import Api
from cli.embedded.failure import StartFailedError
from tests.api.routes import ROUTES

REPORT = {
    "id": "rmr_1",
    "state": "reimbursing",
    "payout": {
        "state": "returned",
        "who_must_act": "payee",
        "code": "R02",
        "message": "Account closed",
        "attempts": [{"ordinal": 1, "kind": "ach", "state": "returned", "rail_id": "acht_1"}],
    },
    "detail": {
        "cases": [{"id": "case_1", "kind": "payout_stuck", "state": "open", "summary": "It waits", "runbook": "r.md"}]
    },
}
SEEN = ["--seen", "ab" * 32]
COMMANDS: dict[str, list[str]] = {
    "retry": [],
    "method": ["pm_1"],
    "cancel": ["--reason", "not needed"],
    "reverse": [],
    "stop": [],
    "wire-owner": ["opr_1"],
    "wire-sent": ["--bank-reference", "20261120B1", "--evidence", "The page says executed"],
    "wire-refused": ["--reason", "The page refused it", "--who", "payee"],
    "wire-confirm": SEEN,
    "wire-returned": [
        "--bank-reference",
        "R1",
        "--returned-on",
        "2026-11-24",
        "--reason",
        "It is closed",
        "--fee",
        "1500",
    ],
    "wire-returned-confirm": SEEN,
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """What the API is asked; it answers every request with the same report."""
    found: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found.append(request)
        if request.url.path.endswith("/stop"):
            refusal = {
                "code": "own_payout",
                "detail": "Nobody has a say in a payment to themselves.",
                "next_step": "Ask.",
            }
            return httpx.Response(403, json=refusal)
        return httpx.Response(200, json={**REPORT, "seen": "cd" * 32, "money_call": {"proposal": {"seen": "cd" * 32}}})

    def opened(_url: str, key_file: Path) -> Api:
        assert key_file.name == "key"
        return Api(httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer)))

    monkeypatch.setattr(Api, "open", opened)
    return found


def say(*arguments: str) -> str:
    told = CliRunner().invoke(reimbursements.app, [*arguments, "--key-file", "key"])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    assert told.exit_code == 0, told.output
    return told.output


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "stop"])
def test_a_command_asks_a_route_that_the_api_has(asked: list[httpx.Request], command: str) -> None:
    told = say(command, "rmr_1", *COMMANDS[command])

    first = asked[0]
    assert first.method == "POST"
    assert first.headers["Idempotency-Key"].startswith("cli-")
    paths = {route.path.replace("{report_id}", "rmr_1") for route in ROUTES if route.method == "POST"}
    assert first.url.path in paths
    if command in ("wire-sent", "wire-refused", "wire-returned"):
        confirm = "wire-returned-confirm" if command == "wire-returned" else "wire-confirm"
        assert f"{confirm} rmr_1 --seen {'cd' * 32}" in told
    else:
        assert "payee must act: R02: Account closed" in told
        assert "case payout_stuck: It waits (r.md)" in told


def test_the_fee_that_a_bank_kept_is_passed_on(asked: list[httpx.Request]) -> None:
    say("wire-returned", "rmr_1", *COMMANDS["wire-returned"])
    assert b'"fee":1500' in asked[0].content.replace(b" ", b"")


def test_what_was_told_of_a_returned_wire_is_shown_before_it_is_confirmed(asked: list[httpx.Request]) -> None:
    assert f"seen             {'cd' * 32}" in say("wire-returned-confirm", "rmr_1")
    (request,) = asked
    assert (request.method, request.url.path) == ("GET", "/v1/reports/rmr_1/wire-returned")


def test_a_refusal_is_named_with_what_to_do(asked: list[httpx.Request]) -> None:
    with pytest.raises(StartFailedError, match=r"own_payout: Nobody has a say in a payment to themselves\."):
        say("stop", "rmr_1")
    assert len(asked) == 1
