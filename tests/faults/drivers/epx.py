"""EPX: a debit through the gateway. With the report file its batch tells; without, only a person can find out."""

from tests.faults.drivers.base import Driver
from tests.flows.ach import merchant, stored_account


class EpxDebit(Driver):
    """A debit of a stored account."""

    partner = "epx"
    operation = "CKC2"
    step = "debit"
    refused_amount = 151
    done = frozenset({"accepted", "originated", "settled"})
    undone = frozenset({"declined", "not_found", "canceled"})

    async def prepare(self) -> None:
        """An account that may be debited for more than the flows will take, the same for all of a world."""
        if "account" not in self.world.parts:
            owner = await merchant(self.world.system, per_day_limit=2_000_000_000)
            self.world.parts["account"] = await stored_account(self.world.system, owner)
        self.account_id = self.world.parts["account"]["id"]

    async def ready(self, amount: int) -> None:
        """Nothing but the account is needed."""

    async def start(self, amount: int) -> str:
        """A debit."""
        body = {"account_id": self.account_id, "amount": amount, "currency": "USD"}
        debit = await self.world.system.post("/v1/ach-debits", body)
        return f"/v1/ach-debits/{debit['id']}"

    async def state(self, path: str) -> str:
        """The gateway contract's state."""
        return str((await self.world.system.get(path))["ach_state"])


class EpxWithReport(EpxDebit):
    """The report file proves absence once the batch is closed."""

    name = "epx-report_file"
    finding = "report"


class EpxWithoutReport(EpxDebit):
    """As in production: nothing can be looked up."""

    name = "epx-none"
    finding = "person"
