"""`bursar money-calls`: what is asked of the API to conclude a call in doubt, and what an operator reads."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from cli import money_calls
from cli.api import Api
from cli.embedded.failure import StartFailedError

CALL = {
    "id": "mc_1",
    "rail": "epx",
    "operation": "CKC2",
    "flow_id": "achtx_1",
    "amount": 15_000,
    "currency": "USD",
    "state": "needs_person",
    "rail_reference": "1000049",
    "recorded_at": "2026-11-21T01:46:47.929216Z",
    "evidence": [{"by": "find", "outcome": "needs_person"}],
    "proposal": {
        "outcome": "applied",
        "rail_id": None,
        "evidence": "page 3",
        "proposed_by": "opr_1",
        "seen": "ab" * 32,
    },
}


class Desk:
    """An API that has one call in doubt, and writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.asked.append((request.method, request.url.path, body))
        if request.url.path.endswith("/confirm"):
            if body["seen"] != "ab" * 32:
                return httpx.Response(409, json={"code": "evidence_mismatch", "detail": "Read it again."})
            return httpx.Response(200, json={**CALL, "state": "applied"})
        listed = request.url.path == "/v1/money-calls"
        return httpx.Response(200, json={"data": [CALL], "next_cursor": None} if listed else CALL)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk()

    def opened(_url: str, key_file: Path) -> Api:
        assert key_file.name == "key"
        return Api(httpx.Client(base_url="http://api", transport=httpx.MockTransport(found.answer)))

    monkeypatch.setattr(Api, "open", opened)
    monkeypatch.setenv("COLUMNS", "300")
    return found


def say(*arguments: str) -> Result:
    told = CliRunner().invoke(money_calls.app, [*arguments, "--key-file", "key", "--url", "http://api"])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told


def test_those_that_need_a_person_are_listed_and_shown_with_their_evidence(desk: Desk) -> None:
    listed = say("list").stdout
    assert ("GET", "/v1/money-calls", {"limit": "100", "state": "needs_person"}) in desk.asked
    for word in ("mc_1", "epx CKC2, achtx_1", "15000 USD", "1000049", "applied, by opr_1"):
        assert word in listed
    shown = say("show", "mc_1").stdout
    assert '{"by": "find", "outcome": "needs_person"}' in shown
    assert "ab" * 32 in shown


def test_one_proposes_and_another_confirms_what_was_read(desk: Desk) -> None:
    told = say("resolve", "mc_1", "--outcome", "applied", "--evidence", "portal, page 3", "--rail-id", "09LMQ")
    said = {"outcome": "applied", "evidence": "portal, page 3", "rail_id": "09LMQ"}
    assert desk.asked[-1] == ("POST", "/v1/money-calls/mc_1/resolve", said)
    assert f"confirm mc_1 --seen {'ab' * 32}" in told.stdout
    assert "mc_1 is applied" in say("confirm", "mc_1", "--seen", "ab" * 32).stdout
    with pytest.raises(StartFailedError, match="evidence_mismatch: Read it again"):
        say("confirm", "mc_1", "--seen", "00" * 32)
