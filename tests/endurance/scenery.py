"""Whom the callers pay: accounts, families with budgets, providers and payees, made before anything goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.drivers.chek import KEYS
from tests.flows.ach import ACCOUNT, merchant, stored_account
from tests.flows.ach_operations import settled_debit
from tests.flows.childcare.town import Person, Town
from tests.flows.reimbursements.people import People
from tests.system import System

PLENTY = 1_000_000_000
BUDGET = 140_000
ACCOUNTS: Mapping[str, dict[str, Any]] = {
    "checking": {"number": "123456789"},
    "savings": {"number": "987654321", "account_type": "savings"},
    "returning": {"number": "990009201"},
    "returning_once": {"number": "990009501"},
}
"""Entries to the last two come back for lack of funds: R01; to the very last one only the first."""
METHODS = ("ach", "check", "paypal", "wire")
SUBSIDY = "500.00"
"""What the first children get each month by the programme's own calendar."""


class NotBegunError(Exception):
    """The load itself brings with it that nothing can begin."""


@dataclass
class Budget:
    """A child's month and what is left of it, as far as the callers know."""

    child_id: str
    allocation: dict[str, Any]
    family: Person
    left: int
    provider: Person | None = None
    """To whom the child goes, once days were selected."""
    days: int = 0
    """How many were."""


@dataclass
class Scenery:
    """Made once per run."""

    system: System
    town: Town
    accounts: dict[str, str] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    providers: list[Person] = field(default_factory=list)
    people: dict[str, People] = field(default_factory=dict)
    children: int = 0
    persons: int = 0
    merchant_id: str = ""
    more_accounts: int = 0

    async def prepare(self, *, families: int) -> None:
        """Everything but what callers make for themselves."""
        owner = await merchant(self.system, per_transaction_limit=PLENTY, per_day_limit=PLENTY)
        self.merchant_id = owner
        for name, account in ACCOUNTS.items():
            stored = await stored_account(self.system, owner, **account)
            assert stored["state"] == "stored", stored
            self.accounts[name] = stored["id"]
        debit = await settled_debit(self.system, self.accounts["checking"], 50_000_000)
        self.settled.append(debit["id"])
        await self.town.found(PLENTY)
        for _ in range(families):
            provider, family = await self.town.provider(), await self.town.family()
            self.providers.append(provider)
            for kind, person in (("providers", provider), ("families", family)):
                contact = {"email": f"{person.id}@example.test", "language": "en"}
                await self.system.post(f"/v1/{kind}/{person.id}/contact", contact)
            budget = await self.new_budget(family, wait=15)
            await self.system.post(f"/v1/children/{budget.child_id}/subsidy", {"monthly_amount": SUBSIDY})
        await self._payees()

    async def new_budget(self, family: Person, *, wait: int = 0) -> Budget:
        """Another child of the family, with a month of its own."""
        self.children += 1
        child_id = await self.town.child(family, self.children)
        budget = Budget(child_id, await self.town.allocation(child_id, BUDGET, wait=wait), family, BUDGET)
        self.budgets.append(budget)
        return budget

    def spend(self, which: int, amount: int) -> Budget:
        """A child's month with so much less in it. Raises NotBegunError."""
        chosen = self.budgets[which % len(self.budgets)]
        if chosen.left < amount:
            raise NotBegunError("the budget is used up")
        chosen.left -= amount
        return chosen

    def next_person(self) -> int:
        """Numbers people who are made known at Chek."""
        self.persons += 1
        return self.persons

    async def another_account(self, behaviour: str = "") -> str:
        """Of the same customer; it is stored by and by. `behaviour` ends the number of one that misbehaves."""
        self.more_accounts += 1
        names = {"merchant_id": self.merchant_id, "customer_id": "customer-1"}
        number = f"99000{self.more_accounts:05d}{behaviour}" if behaviour else f"77{self.more_accounts:07d}"
        body = {**names, "account_number": number, **ACCOUNT}
        return str((await self.system.post("/v1/ach-accounts", body))["id"])

    async def _payees(self) -> None:
        first = People(self.system)
        await first.deposit(PLENTY)
        await first.policy(receipt_required=False)
        for number, method in enumerate(METHODS):
            people = self.people[method] = People(self.system)
            await people.add_payee(f"12345678{number}")
            if method != "ach":
                await people.add_way(method, default=True)
        await self.people["paypal"].top_up(PLENTY // 10)


def chek_client(system: System) -> httpx.AsyncClient:
    """Chek as its own pages show it: people register there by themselves."""
    base = f"{system.sandbox.addresses['chek']}/api/v1/account/1/"
    no_reuse = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=base, headers=KEYS, limits=no_reuse, timeout=30)
