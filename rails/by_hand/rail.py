"""Handing over to a person: nothing leaves by itself, and only two persons can say what became of it.

Their word is a proposal with the bank's reference and its confirmation (DESIGN, `needs_person`).
"""

from collections.abc import Mapping

from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import Gate, Operation


class ByHandRail:
    """A wire is a task from the moment it is recorded; there is nobody to ask."""

    name = "by_hand"
    operations: Mapping[str, Operation] = {"wire": Operation("wire", "query")}
    settling_delay_seconds = 0.0

    async def ready(self, call: MoneyCall) -> None:
        """Nothing is read: there is nothing to read it from."""

    async def send(self, call: MoneyCall, gate: Gate) -> Outcome:
        """The task is open from now on; whether it is done is unknown until somebody says so."""
        await gate()
        return Outcome("unknown", "task_open", "A person sends it at the bank.")

    async def find(self, call: MoneyCall) -> Finding:
        """Only a person knows."""
        return Finding("cannot_tell", evidence={"why": "sent by hand: its owner says what the bank did"})
