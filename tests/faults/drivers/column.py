"""Column: a reimbursement, attacked at each of its requests. A key makes a repeat safe; a stop has the check itself."""

from typing import Any, ClassVar

import asyncpg

from tests.faults.drivers.base import Driver, Finding
from tests.faults.world import World
from tests.flows.reimbursements.people import People

BOOK = ("column", "book_transfers.create")


class ColumnReimbursement(Driver):
    """One expense per report; Column's webhooks stay away, so that only the key helps."""

    partner = "column"
    finding: Finding = "key"
    done = frozenset({"sent", "settled"})
    undone = frozenset({"action_required"})
    requests: ClassVar[tuple[tuple[str, str], ...]] = (BOOK, ("column", "ach_transfers.create"))
    verbs: ClassVar[tuple[str, ...]] = ("retry", "cancel", "reverse")
    pays: ClassVar[str] = "ach_transfers.create"
    """The operation that takes money to the payee."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.reports: dict[int, str] = {}

    async def prepare(self) -> None:
        """Money at the bank and in the books, and a payee, the same for all of a world."""
        if "people" in self.world.parts:
            return
        people = self.world.parts["people"] = People(self.world.system)
        await people.deposit(1_000_000_000)
        await people.add_payee()
        await people.policy(receipt_required=False)

    @property
    def people(self) -> People:
        """Of this world."""
        people: People = self.world.parts["people"]
        return people

    async def ready(self, amount: int) -> None:
        """A report that only waits for its approval."""
        self.reports[amount] = await self.people.reviewed(amount)

    async def start(self, amount: int) -> str:
        """Approve it."""
        path = f"/v1/reports/{self.reports[amount]}"
        await self.world.system.post(f"{path}/approve", None, client=self.world.system.other_operator)
        return path

    async def state(self, path: str) -> str:
        """The payout's state."""
        payout = (await self.world.system.get(path))["payout"]
        return str(payout["state"]) if payout else "none"


class ColumnPayout(ColumnReimbursement):
    """The ACH transfer to the payee."""

    name = "column-payout"
    operation = "ach_transfers.create"
    step = "payout"


class ColumnBook(ColumnReimbursement):
    """The transfers between our own accounts: the fault strikes the first of the two."""

    name = "column-book"
    operation = "book_transfers.create"
    step = "expense_payout"
    effects = 2


class ColumnHolding(ColumnBook):
    """The second of them."""

    name = "column-holding"
    step = "payout_holding"
    skip = 1


class ByMethod(ColumnReimbursement):
    """A payee of its own, who is paid by another method."""

    step = "payout"
    kind: ClassVar[str]

    async def prepare(self) -> None:
        """The payee with this method, beside what all reimbursements need."""
        await super().prepare()
        if self.kind in self.world.parts:
            return
        people = People(self.world.system)
        await people.add_payee(f"1234567{len(self.world.parts)}")
        await people.add_way(self.kind, default=True)
        self.world.parts[self.kind] = people

    @property
    def people(self) -> People:
        """With the payee of this method."""
        people: People = self.world.parts[self.kind]
        return people


class ColumnCheck(ByMethod):
    """The mailed check."""

    name = "column-check"
    operation = pays = "check_transfers.issue"
    kind = "check"
    requests = (BOOK, ("column", "check_transfers.issue"), ("column", "check_transfers.stop_payment"))
    verbs = (*ColumnReimbursement.verbs, "stop")


class ColumnStop(ByMethod):
    """The request that a check is stopped: no money, no key; the check itself says whether it is."""

    name = "column-stop"
    operation = "check_transfers.stop_payment"
    kind = "check"
    finding = "subject"
    done = frozenset({"returned"})
    undone = frozenset({"sent"})

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.references: dict[int, str] = {}

    async def ready(self, amount: int) -> None:
        """A check that is out."""
        await super().ready(amount)
        await super().start(amount)
        report = await self.people.until(self.reports[amount], "sent")
        self.references[amount] = f"rpp_{report['payout']['id'].partition('_')[2]}-1-stop-1"

    async def start(self, amount: int) -> str:
        """Have it stopped."""
        path = f"/v1/reports/{self.reports[amount]}"
        await self.world.system.post(f"{path}/stop", {"reason": "lost"}, client=self.world.system.other_operator)
        return path

    def match(self, amount: int) -> dict[str, Any]:
        """A stop is of no amount."""
        return {"reference": self.references[amount]}

    async def call(self, amount: int) -> "asyncpg.Record | None":
        """By its reference."""
        return await self.world.owner.fetchrow(
            "select * from money_call where rail_reference = $1", self.references[amount]
        )

    async def received(self, amount: int) -> list[dict[str, Any]]:
        """By its reference."""
        return await self.world.received_as(self.partner, self.operation, self.references[amount])


class AfterRefusal(ColumnReimbursement):
    """A funded payout that the bank refused at its first try: what comes then is under attack."""

    async def prepare(self) -> None:
        """A payee whose account the bank refuses, the same for all of a world."""
        await super().prepare()
        if "refused" not in self.world.parts:
            people = self.world.parts["refused"] = People(self.world.system)
            await people.add_payee("990009401")

    @property
    def people(self) -> People:
        """With that payee."""
        people: People = self.world.parts["refused"]
        return people

    async def ready(self, amount: int) -> None:
        """A payout that failed."""
        await super().ready(amount)
        await super().start(amount)
        await self.people.until(self.reports[amount], "action_required")

    async def ask(self, amount: int, verb: str, body: dict[str, str]) -> str:
        """An operator's request; the report's path."""
        path = f"/v1/reports/{self.reports[amount]}"
        await self.world.system.post(f"{path}/{verb}", body, client=self.world.system.other_operator)
        return path


class ByAnotherMethod(AfterRefusal):
    """It is paid by another method: the transfer to the payee is the first request of what is started."""

    step = "payout"
    kind: ClassVar[str]

    async def prepare(self) -> None:
        """A further method of the payee."""
        await super().prepare()
        if self.name not in self.world.parts:
            self.world.parts[self.name] = await self.people.add_way(self.kind)

    async def start(self, amount: int) -> str:
        """Choose it for this payout."""
        return await self.ask(amount, "payout-method", {"payout_method_id": self.world.parts[self.name]["id"]})


class ColumnPayoutByItself(ByAnotherMethod):
    """The ACH transfer."""

    name = "column-payout-by-itself"
    operation = "ach_transfers.create"
    kind = "ach"


class ColumnCheckByItself(ByAnotherMethod):
    """The check."""

    name = "column-check-by-itself"
    operation = pays = "check_transfers.issue"
    kind = "check"


class ColumnReversal(AfterRefusal):
    """The inverse transfers of a payout that failed: the fault strikes the first of the two."""

    name = "column-reversal"
    operation = "book_transfers.create"
    step = "reverse_payout_holding"
    effects = 4
    """Two there, two back."""
    done = frozenset({"reversed"})

    async def start(self, amount: int) -> str:
        """Have it reversed."""
        return await self.ask(amount, "reverse", {})


class ColumnReversalOfExpense(ColumnReversal):
    """The second of them, which gives the organization its money."""

    name = "column-reversal-of-expense"
    step = "reverse_expense_payout"
    skip = 1
