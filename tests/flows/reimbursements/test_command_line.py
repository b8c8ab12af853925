"""`bursar reimbursements` against the running system: what an operator does with one payout, and how it is refused."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cli.main import app
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_payout_failed import NO_BANK

Bursar = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def bursar(people: People, tmp_path: Path) -> Bursar:
    """Run a command as Ada, or as Grace; the exit code and what was printed."""
    url = str(people.system.sandbox.world.column.config.webhook_url).partition("/v1/")[0]
    keys = {}
    for who, client in (("ada", people.system.api), ("grace", people.system.other_operator)):
        keys[who] = tmp_path / who
        keys[who].write_text(client.headers["Authorization"].removeprefix("Bearer "))

    async def run(command: str, *arguments: str, who: str = "grace") -> tuple[int, str]:
        given = ["reimbursements", command, *arguments, "--key-file", str(keys[who]), "--url", url]
        result = await asyncio.to_thread(CliRunner().invoke, app, given)
        # a refusal is one line, which `main` prints
        return result.exit_code, result.output + (str(result.exception) if result.exit_code else "")

    return run


async def test_a_payout_is_looked_at_retried_paid_another_way_and_reversed(people: People, bursar: Bursar) -> None:
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(5_000)
    await people.until(report_id, "action_required")

    code, printed = await bursar("show", report_id)
    code, listed = await bursar("waiting", "--who", "payee")
    assert (code, report_id in listed, (await bursar("waiting"))[1]) == (0, True, "")
    assert (code, "50.00 USD: action_required, the payee must act: invalid_routing_number" in printed) == (0, True)
    assert (await bursar("retry", report_id))[0] == 0
    await people.system.until(
        f"/v1/reports/{report_id}", lambda seen: [one["state"] for one in seen["payout"]["attempts"]] == ["refused"] * 2
    )
    assert (await bursar("payout-method", report_id, people.method["id"]))[0] == 0
    await people.until(report_id, "sent")
    code, printed = await bursar("cancel", report_id)
    assert (code, printed.startswith("already_handed_over: ")) == (1, True), printed
    code, printed = await bursar("reverse", report_id)
    assert (code, printed.startswith("payout_holding_not_failed: ")) == (1, True), printed
    (transfer,) = await people.transfers("ach")
    await people.send_back(transfer["id"], "R16")
    await people.until(report_id, "returned")
    assert (await bursar("reverse", report_id, "--reason", "the account is frozen"))[0] == 0
    await people.until(report_id, "reversed")
    waits = await people.reviewed(1_000)
    assert (await bursar("cancel", waits))[0] == 0
    assert (await people.system.get(f"/v1/reports/{waits}"))["state"] == "cancelled"


async def test_a_wire_is_sent_and_comes_back_by_two_persons_words(people: People, bursar: Bursar) -> None:
    await people.add_way("wire", default=True)
    report_id = await people.approved(9_000)
    await people.system.until(
        f"/v1/reports/{report_id}",
        lambda seen: "needs_person" in {call["state"] for call in seen["detail"]["money_calls"]},
    )
    wire = {"bank_account_id": "bacc_fs_main", "amount": 9_000, "description": "by hand"}
    await people.system.control.post("/column/wires", json=wire)
    _, printed = await bursar("show", report_id)
    assert "case needs_person" in printed
    assert re.search(r"opr_[0-9a-f]{32} sends it until 20\S+: docs/runbooks/wire-to-send.md", printed)

    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        ada = await uow.one_or_none(text("select id from operator where name = 'Ada'"))
    assert ada is not None
    given = f"opr_{ada['id'].hex}"
    assert await bursar("wire-owner", report_id, given) == (0, f"{given} sends it\n")

    sent = ("--bank-reference", "20260303B1", "--evidence", "The bank's page says executed")
    code, printed = await bursar("wire-sent", report_id, *sent)
    assert code == 0, printed
    seen = re.findall(r"--seen ([0-9a-f]{64})", printed)
    code, printed = await bursar("wire-confirm", report_id, "--seen", *seen)
    assert (code, printed.startswith("same_operator: ")) == (1, True), printed
    assert (await bursar("wire-confirm", report_id, "--seen", *seen, who="ada"))[0] == 0
    await people.until(report_id, "settled")
    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 9_000})
    back = ("--bank-reference", "20260304R1", "--returned-on", "2026-01-05", "--reason", "The account is closed")
    _, printed = await bursar("wire-returned", report_id, *back)
    seen = re.findall(r"--seen ([0-9a-f]{64})", printed)
    code, printed = await bursar("wire-returned-confirm", report_id, who="ada")
    assert (code, [seen[0] in printed, "20260304R1" in printed]) == (0, [True, True])
    assert (await bursar("wire-returned-confirm", report_id, "--seen", *seen, who="ada"))[0] == 0
    report = await people.until(report_id, "returned")
    assert (await people.balances(report))["clearing"] == 9_000
