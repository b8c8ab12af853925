"""The Chek rail against Chek's sandbox over loopback: two persons, a programme with money, and calls to make."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from rails.chek import ChekRail, open_chek
from sandbox.runner import SandboxRunner
from settings import ChekSettings
from tests.rails.chek.calls import ADDRESS


@dataclass
class Bench:
    """The rail, and Chek from the other side. The family's wallet has 100.00."""

    rail: ChekRail
    sandbox: SandboxRunner
    control: httpx.AsyncClient
    family: str
    provider: str
    direct_pay: str
    card: str

    async def fault(self, kind: str, operation: str = "*", delay_ms: int = 0) -> None:
        """Have the next such call go wrong."""
        body = {"partner": "chek", "operation": operation, "kind": kind, "delay_ms": delay_ms}
        (await self.control.post("/faults", json=body)).raise_for_status()

    async def balances(self) -> dict[tuple[str, str], int]:
        """Chek's balances by kind and id."""
        book = (await self.control.get("/books/chek")).json()
        return {(line["kind"], str(line["id"])): line["balance"] for line in book["balances"]}

    async def took_effect(self, operation: str) -> int:
        """How many calls of an operation changed Chek's books since the bench was set up."""
        listed = (await self.control.get("/journal", params={"partner": "chek", "operation": operation})).json()
        return sum(call["took_effect"] for call in listed["data"])

    async def others_move(self, wallet: str, amount: int) -> None:
        """Somebody else brings money into a wallet."""
        body = {"source": {"kind": "outside"}, "destination": {"kind": "wallet", "id": int(wallet)}, "amount": amount}
        (await self.control.post("/chek/movements", json=body)).raise_for_status()


@pytest.fixture
async def bench(sandbox: SandboxRunner) -> AsyncIterator[Bench]:
    """Fresh books at Chek, half a second of patience."""
    settings = ChekSettings(
        url=sandbox.addresses["chek"],
        account_id="1",
        api_key="sandbox-chek-api-key",
        write_key="sandbox-chek-write-key",
        http_timeout_seconds=0.5,
        connect_timeout_seconds=0.5,
        settling_delay_seconds=0.05,
        readings_apart_seconds=0.05,
    )
    headers = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}
    async with (
        open_chek(settings) as rail,
        httpx.AsyncClient(base_url=sandbox.addresses["control"]) as control,
        httpx.AsyncClient(base_url=f"{settings.url}/api/v1/account/1/", headers=headers) as chek,
    ):
        await control.put("/chek/programs/501/balance", json={"balance": 1_000_000})
        users = []
        for number in (1, 2):
            body = {"email": f"p{number}@example.test", "phone": f"+1303555010{number}", "address": ADDRESS}
            body |= {"first_name": "Maria", "last_name": "Keller"}
            users.append(str((await chek.post("users/", json=body)).json()["id"]))
        family, provider = users
        await chek.post("directpay_accounts/invite/", json={"user_id": int(provider)})
        account = await control.put(f"/chek/users/{provider}/directpay", json={"status": "Active"})
        card = {"program_id": 501, "funding_method": "wallet_balance", "amount": 0}
        made = (await chek.post(f"users/{provider}/create_card/", json=card)).json()
        bench = Bench(rail, sandbox, control, family, provider, account.json()["directpay"]["id"], made["card"]["id"])
        await bench.others_move(family, 10_000)
        await control.delete("/journal")
        yield bench
