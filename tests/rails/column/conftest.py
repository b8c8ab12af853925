"""The Column rail over loopback against the pretend bank, with its own money calls and no database."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.column_transfer import BankAccounts, ach_credit, book_transfer
from domain.ids import new_id
from domain.money import Money
from domain.money_call import MoneyCall, Outcome
from rails.column.rail import ColumnRail
from sandbox.column.config import FS_MAIN, FS_OPERATING, ColumnConfig
from sandbox.config import SandboxConfig
from sandbox.runner import SandboxRunner

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
ACCOUNTS = BankAccounts("bacc_fs_main", "bacc_fs_operating", "acno_fs_main", "BURSAR")


@dataclass
class Bank:
    """The rail, the bank's control server, and short cuts."""

    rail: ColumnRail
    control: httpx.AsyncClient
    now: datetime = NOW

    async def send(self, call: MoneyCall) -> Outcome:
        async def gate() -> None:
            return None

        return await self.rail.send(call, gate)

    async def fault(self, kind: str, **more: Any) -> int:
        answer = await self.control.post("/faults", json={"partner": "column", "kind": kind, **more})
        return int(answer.json()["id"])

    async def book(self) -> Mapping[str, Any]:
        book: Mapping[str, Any] = (await self.control.get("/books/column")).json()
        return book

    async def effects(self) -> int:
        """How many transfers the bank made."""
        return len((await self.book())["transfers"])


@pytest.fixture
async def bank() -> AsyncIterator[Bank]:
    """A bank with 10,000.00 in FS Main, and a rail that gives up after half a second."""
    config = SandboxConfig(
        column=ColumnConfig(bank_accounts=(replace(FS_MAIN, opening_balance=1_000_000), FS_OPERATING))
    )
    async with (
        SandboxRunner(config) as sandbox,
        httpx.AsyncClient(timeout=httpx.Timeout(2, connect=0.3)) as client,
        httpx.AsyncClient(base_url=sandbox.addresses["control"]) as control,
    ):
        bank: Bank

        async def business_now() -> datetime:
            return bank.now

        rail = ColumnRail(
            client,
            sandbox.addresses["column"],
            sandbox.world.column.config.api_key,
            timeout_seconds=0.5,
            settling_delay_seconds=1,
            key_safe_days=25,
            business_now=business_now,
        )
        bank = Bank(rail, control)
        yield bank


def ach_call(amount: int = 5_000, *, routing: str = "011000015", number: str = "123456789") -> MoneyCall:
    """A recorded ACH credit."""
    money = Money(amount, "USD")
    request = ach_credit(
        ACCOUNTS, money, name="Maria Keller", routing_number=routing, account_number=number, account_type="checking"
    )
    return _call("ach_transfer", money, request)


def book_call(amount: int = 5_000, *, sender: str = "bacc_fs_main", receiver: str = "bacc_fs_operating") -> MoneyCall:
    """A recorded book transfer."""
    money = Money(amount, "USD")
    return _call("book_transfer", money, book_transfer(sender, receiver, money))


def _call(operation: str, money: Money, request: Mapping[str, str]) -> MoneyCall:
    call_id = new_id()
    return MoneyCall(
        id=call_id,
        organization_id=new_id(),
        flow="reimbursement",
        flow_id=new_id(),
        step="payout",
        ordinal=1,
        rail="column",
        operation=operation,
        strategy="repeatable_key",
        rail_reference=f"rpp_{call_id.hex}-1",
        money=money,
        state="sending",
        fencing_token=1,
        send_count=1,
        find_count=0,
        request=request,
        expectation={},
        evidence=(),
        first_sent_at=NOW,
        send_deadline=NOW,
        recorded_at=NOW,
        code=None,
        message=None,
        must_act=None,
        rail_id=None,
        returned_at=None,
        proposal_hash=None,
    )
