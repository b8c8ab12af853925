"""What a flow tells the money call: how its steps are planned, what an outcome does to its own rows, what may be asked.

All run inside a unit of work that holds the lock on the flow's row, so they see and leave a consistent flow.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.errors import BursarError
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting

FlowRow = Mapping[Any, Any]
"""A flow's row, by column name."""


class FlowSteps(Protocol):
    """The money steps and commands of one flow."""

    flow: str
    commands: frozenset[str]
    """What an operator may ask of it: `retry`, `cancel`, `reverse`, `method_changed`."""

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """Lock the flow's row (first lock of the transaction) and read it. Raises NotFound."""

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """Read the flow's row without a lock. Raises NotFound."""

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Which try of the step the flow is at; raised only by an explicit retry."""

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """What to record for a step now. Raises a BursarError to refuse; nothing has been sent then."""

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """Write the outcome to the flow's own rows; return the further postings that settle with it."""

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Write to the flow's own row that a step was refused before anything was recorded."""

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """Carry out what was asked, or raise StateConflict with the reason. The caller wakes the workflow."""

    def run(self, row: FlowRow) -> WorkflowRun:
        """The flow's run in Temporal."""


@runtime_checkable
class Perishable(Protocol):
    """A flow whose recorded step may become unwanted or outdated before it is sent: asked anew before each send."""

    async def withdraw_late(self, uow: UnitOfWork, row: FlowRow) -> bool:
        """Take the recorded, never sent call back if it may not go out any more; whether it was."""

    async def renew(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall) -> bool:
        """Take it back if it may go out, but not as it was recorded; whether the step is now to be planned anew."""
