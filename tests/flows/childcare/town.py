"""A small town for childcare stories: programme, families, children and providers, here and at Chek."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from domain.childcare_month import following, month_of
from domain.ids import new_id
from tests.opening import AHEAD
from tests.system import System

RATE = {"half_day": 3_000, "full_day": 5_000}
ADDRESS = {"line1": "1 Main St", "city": "Denver", "state": "CO", "postal_code": "80202", "country_code": "US"}


@dataclass
class Person:
    """Somebody with an id here and a wallet at Chek."""

    id: str
    chek_user: int


@dataclass
class Town:
    """What a story begins with, and looks at."""

    system: System
    chek: httpx.AsyncClient
    program_id: str = ""
    people: int = 0
    program_funding: int = 0
    ahead: timedelta = timedelta()
    _month: date | None = None

    @property
    def month(self) -> date:
        """Next month: all of it lies ahead whatever today is."""
        return self._month or following(month_of(self.today))

    @property
    def today(self) -> date:
        """The programme's date; `ahead` is how far the story has moved the clock."""
        return (datetime.now(UTC) + AHEAD + self.ahead).astimezone(ZoneInfo("America/Denver")).date()

    def day(self, number: int) -> date:
        """A day counted from the month's first Monday."""
        return self.month + timedelta(days=-self.month.weekday() % 7 + number - 1)

    async def advance(self, days: int) -> None:
        """Let days go by; `month` and `day` keep to the month that the story began with."""
        self._month = self.month
        await self.system.advance_clock(days=days)
        self.ahead += timedelta(days=days)

    async def found(self, funding: int = 1_000_000) -> None:
        """The programme with money at Chek, booked here too."""
        await self.system.control.put("/chek/programs/501/balance", json={"balance": funding})
        program = await self.system.post("/v1/programs", {"name": "Subsidy", "chek_program_id": "501"})
        self.program_id = program["id"]
        body = {"amount": funding, "currency": "USD", "reference": "opening"}
        await self.system.post(f"/v1/programs/{self.program_id}/fundings", body)

    async def chek_user(self, last_name: str = "Keller") -> int:
        """A person at Chek."""
        self.people += 1
        body = {
            "email": f"person{self.people}@example.test",
            "phone": f"+1303{5550100 + self.people}",
            "first_name": "Maria",
            "last_name": last_name,
            "address": ADDRESS,
        }
        made = await self.chek.post("users/", json=body)
        assert made.is_success, made.text
        return int(made.json()["id"])

    async def family(self, chek_user: int | None = None) -> Person:
        """A family with a wallet."""
        user = chek_user or await self.chek_user()
        body = {"external_id": f"family-{user}", "name": "Keller"}
        family = await self.system.post("/v1/families", body)
        await self.system.post(f"/v1/families/{family['id']}/wallet", {"chek_user_id": str(user)})
        return Person(family["id"], user)

    async def child(self, family: Person, number: int = 1) -> str:
        """A child of the family in the programme."""
        body = {
            "family_id": family.id,
            "program_id": self.program_id,
            "external_id": f"child-{family.chek_user}-{number}",
            "name": "Ana",
        }
        return str((await self.system.post("/v1/children", body))["id"])

    async def provider(self, method: str = "ach", chek_user: int | None = None, *, active: bool = True) -> Person:
        """A provider with a wallet, a bank account and a card at Chek, paid by one of them."""
        user = chek_user or await self.chek_user()
        await self.chek.post("directpay_accounts/invite/", json={"user_id": user})
        if active:
            await self.bank_account(user, "Active")
        card = {"program_id": 501, "funding_method": "wallet_balance", "amount": 0}
        await self.chek.post(f"users/{user}/create_card/", json=card)
        body = {"external_id": f"provider-{user}", "name": "Sunny Days", "kind": "home"}
        provider = await self.system.post("/v1/providers", body)
        settings = {"chek_user_id": str(user), "method": method}
        await self.system.post(f"/v1/providers/{provider['id']}/payment-settings", settings)
        return Person(provider["id"], user)

    async def bank_account(self, chek_user: int, status: str) -> None:
        """The invited person finished the bank setup, or the account was closed."""
        (
            await self.system.control.put(f"/chek/users/{chek_user}/directpay", json={"status": status})
        ).raise_for_status()

    async def allocation(self, child_id: str, amount: int = 100_000, *, wait: int = 15) -> dict[str, Any]:
        """The child's budget for the month, funded."""
        body = {"child_id": child_id, "month": self.month.isoformat(), "amount": amount, "currency": "USD"}
        allocation: dict[str, Any] = await self.system.post("/v1/allocations", body, wait=wait)
        return allocation

    async def rate(self, provider: Person, child_id: str) -> None:
        """What days cost."""
        body = {"provider_id": provider.id, "child_id": child_id, "effective_from": "2024-01-01", **RATE}
        await self.system.post("/v1/payment-rates", body)

    async def care_days(
        self, allocation: dict[str, Any], provider: Person, *days: int, kind: str = "full"
    ) -> list[str]:
        """Days of the month's first whole week, 1 is its Monday: nothing of it is locked before the month."""
        ids = []
        for day in days:
            body = {
                "allocation_id": allocation["id"],
                "provider_id": provider.id,
                "date": self.day(day).isoformat(),
                "kind": kind,
            }
            ids.append((await self.system.post("/v1/care-days", body))["id"])
        return ids

    async def lump_sum(self, allocation: dict[str, Any], provider: Person, amount: int) -> str:
        """An amount, promised."""
        body = {
            "allocation_id": allocation["id"],
            "provider_id": provider.id,
            "amount": amount,
            "currency": "USD",
            "days": 1,
        }
        return str((await self.system.post("/v1/lump-sums", body))["id"])

    async def pay(self, care_day_ids: list[str], *, wait: int = 15) -> dict[str, Any]:
        """Pay for days."""
        payment: dict[str, Any] = await self.system.post(
            "/v1/provider-payments", {"care_day_ids": care_day_ids}, wait=wait
        )
        return payment

    async def pay_lump(self, lump_sum_id: str, *, wait: int = 15) -> dict[str, Any]:
        """Pay a lump sum."""
        payment: dict[str, Any] = await self.system.post(
            "/v1/provider-payments", {"lump_sum_id": lump_sum_id}, wait=wait
        )
        return payment

    async def until(self, payment: dict[str, Any], *states: str, seconds: float = 60) -> dict[str, Any]:
        """The payment, once it is in one of these states."""
        found: dict[str, Any] = await self.system.until(
            f"/v1/provider-payments/{payment['id']}", lambda seen: seen["state"] in states, seconds=seconds
        )
        return found

    async def ask(self, payment: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        """A command to a payment that must be accepted."""
        asked: dict[str, Any] = await self.system.post(
            f"/v1/provider-payments/{payment['id']}/{verb}", {"reason": "as the story goes", **body}
        )
        return asked

    async def watch_payouts(self) -> dict[str, Any]:
        """Have a look taken at what became of payouts, as the schedule does."""
        return await self.scheduled("payout-watch")

    async def scheduled(self, workflow: str, *arguments: Any) -> dict[str, Any]:
        """What a schedule does, done now; the workflow's report."""
        report: dict[str, Any] = await self.system.house.temporal.execute_workflow(
            workflow,
            args=arguments,
            id=f"{workflow}/{new_id()}",
            task_queue=self.system.settings.temporal.task_queue,
        )
        return report

    async def at_the_bank(self, chek_id: str, verb: str, **body: Any) -> None:
        """The receiving bank settles or returns a payment."""
        answer = await self.system.control.post(f"/chek/payments/{chek_id}/{verb}", json=body or None)
        answer.raise_for_status()

    async def differing(self, payment: dict[str, Any]) -> dict[str, int]:
        """What Chek's wallets hold, from the case that says that the books differ."""

        def cases(seen: dict[str, Any]) -> list[dict[str, Any]]:
            return [case for case in seen["detail"]["cases"] if case["kind"] == "books_differ"]

        path = f"/v1/provider-payments/{payment['id']}"
        seen = await self.system.until(path, lambda seen: bool(cases(seen)))
        balances: dict[str, int] = cases(seen)[0]["evidence"][-1]["balances"]
        return balances

    async def accept_balances(self, payment: dict[str, Any]) -> None:
        """Have what others moved booked, as the case shows it."""
        await self.ask(payment, "accept-balances", balances=await self.differing(payment))

    async def fault(self, operation: str, kind: str, **how: Any) -> int:
        """Have the next such call at Chek go wrong; returns the fault's id."""
        body = {"partner": "chek", "operation": operation, "kind": kind, **how}
        answer = await self.system.control.post("/faults", json=body)
        answer.raise_for_status()
        return int(answer.json()["id"])

    async def just_before(self, operation: str, amount: int, deed: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do something at Chek while the next call of this amount stands there, not yet processed."""
        fault = await self.fault(operation, "pause_before", match={"amount": amount})

        async def wait_and_do() -> None:
            await self.system.eventually(lambda: self.waiting(fault))
            await deed()
            await self.system.control.post(f"/faults/{fault}/release")

        return asyncio.create_task(wait_and_do())

    async def waiting(self, fault: int) -> int:
        listed = (await self.system.control.get("/faults")).json()["data"]
        return next(int(item["waiting"]) for item in listed if item["id"] == fault)

    async def moved_by_others(self, source: dict[str, Any], destination: dict[str, Any], amount: int) -> None:
        """Somebody else moved money at Chek."""
        body = {"source": source, "destination": destination, "amount": amount}
        (await self.system.control.post("/chek/movements", json=body)).raise_for_status()

    async def sent(self, operation: str) -> list[dict[str, Any]]:
        """The calls of an operation that changed Chek's books."""
        listed = (await self.system.control.get("/journal", params={"partner": "chek", "operation": operation})).json()
        return [call for call in listed["data"] if call["took_effect"]]
