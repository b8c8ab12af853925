"""The PayPal rail over loopback against the pretend PayPal, with its own money calls and no database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.ids import new_id
from domain.money import Money
from domain.money_call import MoneyCall, Outcome
from rails.paypal.rail import PayPalRail
from rails.paypal.token import Tokens
from sandbox.config import SandboxConfig
from sandbox.paypal.config import PayPalConfig
from sandbox.runner import SandboxRunner

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


@dataclass
class PayPal:
    """The rail, PayPal's control server, and short cuts."""

    rail: PayPalRail
    control: httpx.AsyncClient
    now: datetime = NOW

    async def send(self, call: MoneyCall) -> Outcome:
        async def gate() -> None:
            return None

        return await self.rail.send(call, gate)

    async def fault(self, kind: str, **more: Any) -> None:
        body = {"partner": "paypal", "operation": "payouts.create", "kind": kind, **more}
        (await self.control.post("/faults", json=body)).raise_for_status()

    async def items(self) -> list[dict[str, Any]]:
        """What PayPal has."""
        found: list[dict[str, Any]] = (await self.control.get("/books/paypal")).json()["items"]
        return found


@pytest.fixture
async def paypal() -> AsyncIterator[PayPal]:
    """A PayPal with 1,000.00 of ours, and a rail that gives up after half a second."""
    config = SandboxConfig(paypal=PayPalConfig(opening_balance=100_000))
    async with (
        SandboxRunner(config) as sandbox,
        httpx.AsyncClient(timeout=httpx.Timeout(2, connect=0.3)) as client,
        httpx.AsyncClient(base_url=sandbox.addresses["control"]) as control,
    ):
        found: PayPal

        async def business_now() -> datetime:
            return found.now

        url, given = sandbox.addresses["paypal"], sandbox.world.paypal.config
        rail = PayPalRail(
            client,
            url,
            Tokens(client, url, given.client_id, given.client_secret),
            timeout_seconds=0.5,
            settling_delay_seconds=1,
            key_safe_days=25,
            business_now=business_now,
        )
        found = PayPal(rail, control)
        yield found


def payout_call(cents: int = 6_000, *, receiver: str = "maria@example.test") -> MoneyCall:
    """A recorded payout."""
    call_id, money = new_id(), Money(cents, "USD")
    request = {
        "email_subject": "You are paid back",
        "note": "Train",
        "receiver": receiver,
        "value": money.decimal_text(),
        "currency": "USD",
    }
    return MoneyCall(
        id=call_id,
        organization_id=new_id(),
        flow="reimbursement",
        flow_id=new_id(),
        step="payout",
        ordinal=1,
        rail="paypal",
        operation="payout",
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
