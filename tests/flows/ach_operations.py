"""What stories of voids, payouts and refunds do again and again."""

from contextlib import suppress
from typing import Any

import httpx
from temporalio.client import WorkflowHistory
from temporalio.service import RPCError

from domain.ids import new_id
from tests.flows.ach import debited
from tests.system import System

LONGEST_HISTORY = 60
"""Events that the ordinary life of a debit may need, its return included."""


async def settled_debit(system: System, account_id: str, amount: int = 15_000) -> dict[str, Any]:
    """A debit that the bank has settled: its money is the organization's cash."""
    debit = await debited(system, account_id, amount)
    await system.advance_clock(days=5)
    return await entry(system, "ach-debits", debit, "settled")


async def entry(system: System, kind: str, made: dict[str, Any], *states: str) -> dict[str, Any]:
    """An entry once it is in one of these states."""
    found: dict[str, Any] = await system.until(f"/v1/{kind}/{made['id']}", lambda seen: seen["ach_state"] in states)
    return found


async def ask(system: System, path: str, body: dict[str, Any], *, wait: int = 0) -> httpx.Response:
    """A POST that may be refused, under a key of its own."""
    headers = {"Idempotency-Key": new_id().hex} | ({"Prefer": f"wait={wait}"} if wait else {})
    return await system.api.post(path, json=body, headers=headers)


async def void(system: System, debit_id: str, **body: Any) -> httpx.Response:
    """Ask for a void, and wait for the gateway's answer."""
    return await ask(system, f"/v1/ach-debits/{debit_id}/void", body, wait=10)


async def refund(system: System, debit_id: str, amount: int) -> httpx.Response:
    """Ask for a refund, and wait for the gateway's answer."""
    return await ask(system, "/v1/ach-credits", _credit(amount) | {"parent_transaction_id": debit_id}, wait=10)


async def pay_out(system: System, account_id: str, amount: int) -> httpx.Response:
    """Ask for a payout, and wait for the gateway's answer."""
    return await ask(system, "/v1/ach-credits", _credit(amount) | {"account_id": account_id}, wait=10)


async def come_back(system: System, made: dict[str, Any], code: str) -> None:
    """Have the receiving bank return an entry now."""
    answer = await system.control.post("/epx/entries/return", json={"auth_guid": made["auth_guid"], "code": code})
    answer.raise_for_status()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the stable code of a refusal."""
    return answer.status_code, answer.json()["code"]


async def book(system: System, kind: str) -> list[dict[str, Any]]:
    """The gateway's entries whose TRAN_TYPE ends with `kind`."""
    entries = (await system.control.get("/books/epx")).json()["entries"]
    return [entry for entry in entries if entry["tran_type"].endswith(kind)]


async def cash(system: System) -> int:
    """What the organization may spend, posted, in minor units."""
    async with system.house.database.unit_of_work(system.organization_id, actor="test") as uow:
        await uow.business_now()
        balance = await uow.ledger.balance(f"org:{system.organization_id.hex}:cash", "USD")
    return balance.posted.minor_units


async def longest_history(system: System, debit: dict[str, Any]) -> int:
    """Events of the longer of the debit's runs, which must have ended: the first, and one that heard of its return."""
    run = debit["links"]["run"].rsplit("%2F", 1)[1]
    events = await _finished(system, f"ach-debit/{run}")
    with suppress(RPCError):  # there is a second run only if the first had ended when the return came
        events = max(events, await _finished(system, f"ach-debit/{run}/2"))
    return events


async def _finished(system: System, run: str) -> int:
    handle = system.house.temporal.get_workflow_handle(run)
    await handle.result()
    history: WorkflowHistory = await handle.fetch_history()
    return len(history.events)


def _credit(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}
