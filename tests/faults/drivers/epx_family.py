"""EPX: what else moves money through the gateway: the savings twin of a debit, payouts, refunds and voids."""

from itertools import cycle
from typing import Any, ClassVar

from tests.faults.drivers.epx import EpxDebit
from tests.faults.world import World
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import entry, settled_debit

CASH = 2_000_000
SETTLED = 4
"""Debits whose money refunds give back: more than stand still at once."""


class SavingsDebit(EpxDebit):
    """CKS2."""

    name = "epx-CKS2"
    operation = "CKS2"
    account: ClassVar[dict[str, Any]] = {"number": "987654321", "account_type": "savings"}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        with_report = world.system.settings.epx.inquiry_source == "report_file"
        self.finding = "report" if with_report else "person"

    async def prepare(self) -> None:
        """An account of the family under attack."""
        parts = self.world.parts
        if "merchant" not in parts:
            parts["merchant"] = await merchant(
                self.world.system, per_transaction_limit=CASH, per_day_limit=2_000_000_000
            )
        family = self.operation[:3]
        if family not in parts:
            account = await stored_account(self.world.system, parts["merchant"], **self.account)
            await settled_debit(self.world.system, account["id"], CASH)  # payouts need money
            parts[family] = account["id"]
        self.account_id = parts[family]

    async def _post(self, path: str, **body: Any) -> str:
        made = await self.world.system.post(path, body)
        return str(made["links"]["self"])


class SavingsPayout(SavingsDebit):
    """CKS3 by the account's token."""

    name = "epx-CKS3"
    operation = "CKS3"
    step = "credit"

    async def start(self, amount: int) -> str:
        """A payout."""
        return await self._post("/v1/ach-credits", account_id=self.account_id, amount=amount, currency="USD")


class CheckingRefund(SavingsDebit):
    """CKC3 by the debit's GUID."""

    name = "epx-CKC3"
    operation = "CKC3"
    step = "credit"
    account: ClassVar[dict[str, Any]] = {}

    async def prepare(self) -> None:
        """Settled debits, whose money is given back in turn: a refund that stands still locks its own."""
        await super().prepare()
        parts, system = self.world.parts, self.world.system
        if "settled debits" not in parts:
            made = [await debited(system, self.account_id, CASH) for _ in range(SETTLED)]
            await system.advance_clock(days=5)
            parts["settled debits"] = cycle([await entry(system, "ach-debits", one, "settled") for one in made])

    async def start(self, amount: int) -> str:
        """A part of a settled debit."""
        settled = next(self.world.parts["settled debits"])
        body = {"parent_transaction_id": settled["id"], "amount": amount, "currency": "USD"}
        return await self._post("/v1/ach-credits", **body)


class SavingsVoid(SavingsDebit):
    """CKSX."""

    name = "epx-CKSX"
    operation = "CKSX"
    step = "void"

    async def ready(self, amount: int) -> None:
        """The debit to void."""
        debit = await debited(self.world.system, self.account_id, amount)
        self.world.parts[f"debit {amount}"] = debit["id"]

    async def start(self, amount: int) -> str:
        """Its void."""
        return await self._post(f"/v1/ach-debits/{self.world.parts[f'debit {amount}']}/void")


class CheckingVoid(SavingsVoid):
    """CKCX."""

    name = "epx-CKCX"
    operation = "CKCX"
    account: ClassVar[dict[str, Any]] = {}


MONEY = (SavingsDebit, SavingsPayout, CheckingRefund, SavingsVoid, CheckingVoid)
"""With CKC2, which drivers/epx.py has, every request that moves money."""
