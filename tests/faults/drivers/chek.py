"""Chek: a provider's payment, attacked at the move between wallets or at the payout. Balances are the evidence."""

import httpx

from tests.faults.drivers.base import Driver
from tests.faults.world import World
from tests.flows.childcare.town import Town

KEYS = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}


class ChekPayment(Driver):
    """Each payment has a family and a provider of its own, so that none waits for another's wallet."""

    partner = "chek"
    finding = "balances"
    done = frozenset({"paid"})
    undone = frozenset({"payout_stopped", "funding_stopped"})
    requests = (("chek", "users.transfer_balance"), ("chek", "directpay.send_payment"))
    verbs = ("retry", "cancel")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.subjects: dict[int, str] = {}

    async def prepare(self) -> None:
        """A programme with money, the same for all of a world."""
        if "town" in self.world.parts:
            return
        base = f"{self.world.system.sandbox.addresses['chek']}/api/v1/account/1/"
        no_reuse = httpx.Limits(max_keepalive_connections=0)
        client = httpx.AsyncClient(base_url=base, headers=KEYS, limits=no_reuse, timeout=30)
        await self.world.stack.enter_async_context(client)
        self.world.parts["town"] = Town(self.world.system, client)
        await self.town.found(1_000_000_000)

    @property
    def town(self) -> Town:
        """Of this world."""
        town: Town = self.world.parts["town"]
        return town

    async def ready(self, amount: int) -> None:
        """A family with a funded allocation and a provider with a bank account."""
        provider = await self.town.provider()
        allocation = await self.town.allocation(await self.town.child(await self.town.family()), 140_000)
        assert allocation["funding_state"] == "funded", allocation
        self.subjects[amount] = await self.town.lump_sum(allocation, provider, amount)

    async def start(self, amount: int) -> str:
        """Pay the lump sum."""
        payment = await self.town.pay_lump(self.subjects[amount], wait=0)
        return f"/v1/provider-payments/{payment['id']}"

    async def state(self, path: str) -> str:
        """The state of the payment or reclaim."""
        return str((await self.world.system.get(path))["state"])

    async def retry(self, path: str) -> bool:
        """The stopped step, and only that."""
        await self.world.system.post(f"{path}/retry", {"reason": "it was not done"})
        return True


class ChekPayout(ChekPayment):
    """From the provider's wallet to the bank."""

    name = "chek-payout"
    operation = "directpay.send_payment"
    step = "pay_out"


class ChekWallets(ChekPayment):
    """From the family's wallet to the provider's."""

    name = "chek-wallets"
    operation = "users.transfer_balance"
    step = "fund"
    refused_amount = 66_600


class ChekReclaim(ChekPayment):
    """From the family's wallet back to the programme."""

    name = "chek-reclaim"
    operation = "users.transfer_balance"
    step = "reclaim"
    done = frozenset({"reclaimed"})
    undone = frozenset({"stopped"})
    refused_amount = 66_600

    async def ready(self, amount: int) -> None:
        """A family with a funded allocation that nothing was selected of."""
        allocation = await self.town.allocation(await self.town.child(await self.town.family()), 140_000)
        assert allocation["funding_state"] == "funded", allocation
        self.subjects[amount] = allocation["id"]

    async def start(self, amount: int) -> str:
        """Take back a part of it."""
        body = {"allocation_id": self.subjects[amount], "amount": amount, "reason": "The month is over."}
        return f"/v1/reclaims/{(await self.world.system.post('/v1/reclaims', body))['id']}"
