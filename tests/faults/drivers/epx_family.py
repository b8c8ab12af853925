"""EPX: what else moves money through the gateway: the savings twin of a debit, payouts, refunds and voids."""

from typing import Any, ClassVar

from tests.faults.drivers.epx import EpxDebit
from tests.faults.world import World
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import settled_debit

CASH = 2_000_000


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
        """An account of the family under attack, and a settled debit whose money can be given back."""
        parts = self.world.parts
        if "merchant" not in parts:
            parts["merchant"] = await merchant(
                self.world.system, per_transaction_limit=CASH, per_day_limit=2_000_000_000
            )
        family = self.operation[:3]
        if family not in parts:
            account = await stored_account(self.world.system, parts["merchant"], **self.account)
            parts[family] = await settled_debit(self.world.system, account["id"], CASH)
        self.account_id = parts[family]["account_id"]
        self.settled_id = parts[family]["id"]

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

    async def start(self, amount: int) -> str:
        """A part of the settled debit."""
        body = {"parent_transaction_id": self.settled_id, "amount": amount, "currency": "USD"}
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
