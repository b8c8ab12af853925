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
}
"""Entries to the last one come back for lack of funds: R01."""
METHODS = ("ach", "check", "paypal")


@dataclass
class Budget:
    """A child's month and what is left of it, as far as the callers know."""

    allocation: dict[str, Any]
    family: Person
    left: int


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
    merchant_id: str = ""
    returning: int = 0

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
            self.providers.append(await self.town.provider())
            await self.new_budget(await self.town.family(), wait=15)
        await self._payees()

    async def new_budget(self, family: Person, *, wait: int = 0) -> Budget:
        """Another child of the family, with a month of its own."""
        self.children += 1
        allocation = await self.town.allocation(await self.town.child(family, self.children), BUDGET, wait=wait)
        budget = Budget(allocation, family, BUDGET)
        self.budgets.append(budget)
        return budget

    async def another_returning_account(self) -> None:
        """Of the same customer; it is stored by and by."""
        self.returning += 1
        names = {"merchant_id": self.merchant_id, "customer_id": "customer-1"}
        body = {**names, "account_number": f"99000{self.returning:04d}9201", **ACCOUNT}
        self.accounts["returning"] = (await self.system.post("/v1/ach-accounts", body))["id"]

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
