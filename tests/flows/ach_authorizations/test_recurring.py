"""Recurring debits from end to end: the gateway's book, the mailbox and the API tell one story (seed 003, § 11)."""

from datetime import date
from typing import Any

from domain.recurrence import Frequency, charge_date, period_date
from sandbox.runner import SandboxRunner
from settings import Settings
from tests.flows.ach_authorizations.payers import Payers, charged, notices, periods
from tests.flows.ach_authorizations.workers import start_worker
from tests.system import System, open_system


async def test_from_the_first_charge_through_a_month_to_the_statement(payers: Payers) -> None:
    authorization = await payers.authorized()
    seen = await payers.until(authorization, charged(1))
    start = date.fromisoformat(seen["starts_on"])
    assert periods(seen)[0] == (start.isoformat(), "charged"), "the first charge is on the start date"
    copy = await payers.mail("Your authorization")
    assert "Piano lessons" in copy["text"]
    assert "ending in 6789, monthly." in copy["text"]
    debit = await payers.system.get(f"/v1/ach-debits/{seen['detail']['periods'][-1]['transaction_id']}")
    assert (debit["authorization_id"], debit["authorization_basis"]) == (authorization["id"], "written")
    assert debit["id"] in (await payers.mail("Receipt"))["text"]

    second = charge_date(period_date(start, Frequency.MONTHLY, 1))
    await payers.system.advance_clock(days=(second - start).days - 11)
    seen = await payers.until(authorization, lambda now: any(notice["sent_at"] for notice in notices(now, "charge")))
    announced = await payers.mail("Merchant gateway_accept 0 will debit 150.00 USD on")
    assert f"{second:%B} {second.day}, {second.year}" in announced["text"]
    assert len(await payers.taken()) == 1

    await payers.system.advance_clock(days=11)
    seen = await payers.until(authorization, charged(2))
    assert [entry["amount"] for entry in await payers.taken()] == [15_000, 15_000]

    month = second.replace(day=1)
    await payers.system.advance_clock(days=33 - second.day)
    await payers.until(authorization, lambda now: _stated(now, month))
    statements = [mail for mail in await payers.mails() if f"statement of {month:%B %Y}" in mail["subject"]]
    assert len(statements) == 1
    assert "Piano lessons" in statements[0]["text"]


def _stated(authorization: dict[str, Any], month: date) -> bool:
    """Whether the statement of this month was sent; there may be an earlier one."""
    told = notices(authorization, "statement")
    return any(notice["sent_at"] and notice["period_on"] == month.isoformat() for notice in told)


async def test_a_charge_that_waits_for_the_gateway_is_never_sent_after_the_cancellation(payers: Payers) -> None:
    await payers.system.control.post("/faults", json={"partner": "epx", "operation": "*", "kind": "refuse_connection"})
    authorization = await payers.authorized()
    seen = await payers.until(authorization, lambda now: "charged" in dict(periods(now)).values())
    path = f"/v1/ach-debits/{seen['detail']['periods'][-1]['transaction_id']}"
    await payers.system.until(path, lambda debit: debit["ach_state"] == "submitting")

    cancelled = await payers.command(authorization, "cancel", reason="the customer wrote")
    assert cancelled["state"] == "cancelled"
    assert cancelled["retain_until"] is not None
    await payers.system.until(path, lambda debit: debit["ach_state"] == "canceled")
    await payers.system.control.delete("/faults")
    await payers.system.advance_clock(days=40)

    seen = await payers.until(authorization, lambda now: "failed" in dict(periods(now)).values())
    assert await payers.taken() == []
    refused = await payers.debit(authorization)
    assert (refused.status_code, refused.json()["code"]) == (409, "authorization_cancelled")


async def test_the_api_asks_for_an_authorization_and_lists_them(payers: Payers) -> None:
    without = await payers.ask(
        "/v1/ach-debits", {"account_id": payers.account["id"], "amount": 100, "currency": "USD", "recurring": True}
    )
    assert (without.status_code, without.json()["code"]) == (422, "authorization_required")
    other = {"account_id": payers.account["id"], "amount": 100, "currency": "USD", "authorization_basis": "internet"}
    wrong = (await payers.ask("/v1/ach-debits", other)).json()
    assert (wrong["code"], wrong["field"]) == ("wrong_basis", "/authorization_basis")
    await payers.system.post("/v1/ach-debits", {"account_id": payers.account["id"], "amount": 100, "currency": "USD"})
    listed = await payers.system.get("/v1/ach-transactions")
    assert [(row["authorization_basis"], row["authorization_id"]) for row in listed["data"]] == [("written", None)]
    once = await payers.authorized(frequency=None)
    monthly = await payers.authorized(in_days=20)
    made = await payers.debit(once)
    assert made.is_success, made.text
    await payers.until(once, lambda now: now["state"] == "ended" and notices(now, "receipt"))
    again = await payers.debit(once)
    assert (again.status_code, again.json()["code"]) == (409, "authorization_ended")
    await payers.command(monthly, "pause", reason="summer")
    for query, found in (("state=paused", monthly), ("kind=single", once), ("state=ended", once)):
        page = await payers.system.get(f"/v1/ach-authorizations?{query}")
        assert [row["id"] for row in page["data"]] == [found["id"]]
    for blank in ("description", "cancellation_terms", "evidence_reference"):
        refused = await payers.ask("/v1/ach-authorizations", payers.wanted(await payers.today(), **{blank: " "}))
        assert (refused.status_code, refused.json()["field"]) == (422, f"/{blank}")
    bad = await payers.ask("/v1/ach-authorizations", payers.wanted(await payers.today(), customer_email="nobody"))
    assert bad.status_code == 422
    assert "nobody" not in bad.text


async def test_a_worker_killed_while_the_gateway_works_leaves_one_charge_of_the_period(
    settings: Settings, sandbox: SandboxRunner
) -> None:
    async with open_system(settings, sandbox, worker=False) as system:
        await _killed(system, settings)


async def _killed(system: System, settings: Settings) -> None:
    first = await start_worker(settings)
    second = None
    try:
        payers = Payers(system)
        await payers.to_a_morning()
        await payers.begin()
        fault = {"partner": "epx", "operation": "CKC2", "kind": "pause_after", "count": 1}
        await system.control.post("/faults", json=fault)
        authorization = await payers.authorized()
        await system.eventually(payers.taken)
        await payers.until(authorization, lambda now: any(notice["sent_at"] for notice in notices(now, "copy")))
        first.kill()
        await first.wait()
        second = await start_worker(settings)
        seen = await payers.until(authorization, charged(1), seconds=40)
        debit = await system.get(f"/v1/ach-debits/{seen['detail']['periods'][-1]['transaction_id']}")
        assert debit["ach_state"] == "accepted"
        assert len(await payers.taken()) == 1
    finally:
        await system.control.delete("/faults")
        for process in (first, second):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()
