"""Column: a reimbursement, attacked at a book transfer, the ACH transfer or the check. Its key makes a repeat safe."""

from typing import ClassVar

from tests.faults.drivers.base import Driver
from tests.faults.world import World
from tests.flows.reimbursements.people import People


class ColumnReimbursement(Driver):
    """One expense per report; Column's webhooks stay away, so that only the key helps."""

    partner = "column"
    finding = "key"
    done = frozenset({"sent", "settled"})
    undone = frozenset({"action_required"})

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
    operation = "check_transfers.issue"
    kind = "check"
