"""EPX: prenotes and tokens, which move no money: sent again under a new number until an answer is read."""

from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from tests.faults.drivers.base import Driver
from tests.faults.world import World
from tests.flows.ach import ACCOUNT, merchant


class PrenoteDebit(Driver):
    """CKC0. The flow stores an account whose number ends with the amount's last four digits: it is known by them."""

    name = "epx-CKC0"
    partner = "epx"
    operation = "CKC0"
    step = "prenote"
    finding = "again"
    done = frozenset({"stored"})
    undone = frozenset({"failed", "cancelled"})
    wanted: ClassVar[dict[str, str]] = {}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._accounts: dict[int, UUID] = {}

    async def prepare(self) -> None:
        """A merchant whose accounts are verified when they are stored."""
        parts = self.world.parts
        if "prenoting merchant" not in parts:
            parts["prenoting merchant"] = await merchant(self.world.system)
        self.merchant_id = parts["prenoting merchant"]

    async def ready(self, amount: int) -> None:
        """Nothing but the merchant is needed."""

    async def start(self, amount: int) -> str:
        """An account of a customer of its own."""
        names = {"merchant_id": self.merchant_id, "customer_id": f"{self.name}.{amount}"}
        body = {**names, "account_number": f"77{amount:07d}", **ACCOUNT, **self.wanted}
        account = await self.world.system.post("/v1/ach-accounts", body)
        self._accounts[amount] = UUID(hex=account["id"].removeprefix("acct_"))
        return f"/v1/ach-accounts/{account['id']}"

    async def state(self, path: str) -> str:
        """The account's state."""
        return str((await self.world.system.get(path))["state"])

    def match(self, amount: int) -> dict[str, Any]:
        """No amount tells these calls apart."""
        return {"last_four": _last_four(amount)}

    async def call(self, amount: int) -> "asyncpg.Record | None":
        """The step's only call."""
        return await self.world.owner.fetchrow(
            "select * from money_call where flow_id = $1 and step = $2", self._accounts.get(amount), self.step
        )

    async def received(self, amount: int) -> list[dict[str, Any]]:
        """All sends of it, each under its own number."""
        return await self.world.received_of_account(self.partner, self.operation, _last_four(amount))


class PrenoteCredit(PrenoteDebit):
    """CKC1."""

    name = "epx-CKC1"
    operation = "CKC1"
    wanted: ClassVar[dict[str, str]] = {"prenote_direction": "credit"}


class Storage(PrenoteDebit):
    """CKC8."""

    name = "epx-CKC8"
    operation = "CKC8"
    step = "store"


class SavingsPrenoteDebit(PrenoteDebit):
    """CKS0."""

    name = "epx-CKS0"
    operation = "CKS0"
    wanted: ClassVar[dict[str, str]] = {"account_type": "savings"}


class SavingsPrenoteCredit(PrenoteDebit):
    """CKS1."""

    name = "epx-CKS1"
    operation = "CKS1"
    wanted: ClassVar[dict[str, str]] = {"account_type": "savings", "prenote_direction": "credit"}


class SavingsStorage(Storage):
    """CKS8."""

    name = "epx-CKS8"
    operation = "CKS8"
    wanted: ClassVar[dict[str, str]] = {"account_type": "savings"}


PRENOTES = (PrenoteDebit, PrenoteCredit, SavingsPrenoteDebit, SavingsPrenoteCredit)
TOKENS = (Storage, SavingsStorage)
"""Their flows prenote first: nothing can be arranged before their own call is recorded."""


def _last_four(amount: int) -> str:
    return f"{amount % 10_000:04d}"
