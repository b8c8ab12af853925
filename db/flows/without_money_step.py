"""What flows have in common that ask no rail for anything themselves: those that they make do."""

from collections.abc import Sequence

from db.flows.base import FlowRow
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError, StateConflict
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting


class WithoutMoneyStep:
    """Base of such flows: no step can be recorded, so none is counted or settled."""

    flow: str

    def ordinal(self, row: FlowRow, step: str) -> int:
        """There is no money step to count."""
        del row, step
        return 1

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """Refused: nothing is sent by this flow itself."""
        del uow, row
        raise StateConflict("no_such_step", f"{self.flow} has no money step {step}.")

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """Never called: there is no money step."""
        del uow, row, call, outcome
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Never called: there is no money step."""
        del uow, row, step, refusal
