"""How a randomized run stands, and whether its end is what the partner's book tells."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.chance import Run
from tests.faults.drivers.base import Driver
from tests.faults.drivers.column import ColumnReimbursement
from tests.faults.play import FINAL
from tests.faults.world import World

OVER = {
    "epx": frozenset[str](),
    "chek": frozenset({"cancelled", "given_back", "giving_back_stopped"}),
    "column": frozenset({"cancelled", "reversed", "returned"}),
    "paypal": frozenset({"cancelled", "reversed", "returned"}),
}
"""States at rest besides those that the drivers name: what operators asked for."""
OPERATIONS = {
    "fund": "users.transfer_balance",
    "give_back": "users.transfer_balance",
    "pay_out": "directpay.send_payment",
    "book_transfer": "book_transfers.create",
    "ach_transfer": "ach_transfers.create",
    "check_issue": "check_transfers.issue",
    "payout": "payouts.create",
    "wire": "wire",
}
"""The sandbox's name of what a call asks for, by its operation, or for Chek by its step."""


@dataclass
class Played:
    """A run as it went."""

    run: Run
    driver: Driver = field(repr=False)
    path: str = ""
    state: str = ""
    rests: bool = False
    calls: int = -1
    """How many money calls it had when all of them were final."""
    helped: str = ""
    """The state in which it was last helped."""
    asked: list[str] = field(default_factory=list)

    async def look(self, calls: Sequence[Any]) -> None:
        """See whether it stands where nobody but time, or a person, can move it. What rests is not read again."""
        own = [call for call in calls if call["amount"] == self.run.amount]
        still_open = [call for call in own if call["state"] not in FINAL]
        if still_open:
            in_doubt = {"needs_person", "unknown"} if self.driver.finding == "report" else {"needs_person"}
            self.rests = all(call["asked_enough"] and call["state"] in in_doubt for call in still_open)
        elif not self.rests or len(own) != self.calls:
            self.state = await self.read()
            self.rests = self.state in self.driver.done | self.driver.undone | OVER[self.driver.partner]
        self.calls = -1 if still_open else len(own)

    async def read(self) -> str:
        """The flow's state now."""
        state = await self.driver.state(self.path)
        if state == "none":  # a report that was cancelled before it had a payout says so itself
            state = str((await self.driver.world.system.get(self.path))["state"])
        return state


class PartnersBook:
    """What the partners did of the runs' amounts, and what our money calls say of it."""

    def __init__(self, world: World, amounts: Sequence[int]) -> None:
        self._world = world
        self._amounts = amounts

    async def calls(self) -> Sequence[Any]:
        """Our side, in the order in which they were recorded."""
        return await self._world.owner.fetch(
            "select id, rail, operation, step, ordinal, state, code, amount, returned_at,"
            # long enough after the last send that what can be found out by itself has been
            " send_deadline + interval '2.5 seconds' < clock_timestamp() as asked_enough"
            " from money_call where amount = any($1) order by recorded_at",
            self._amounts,
        )

    async def took_effect(self, call: Any, calls: Sequence[Any]) -> bool:
        """Whether the partner has more of this amount than the calls that we know it took."""
        same = [other for other in calls if other["amount"] == call["amount"] and _operation(other) == _operation(call)]
        effects = await self._world.effects(call["rail"], call["amount"])
        known: int = sum(other["state"] == "applied" for other in same)
        return effects[_operation(call)] > known

    async def against(self, played: Played, calls: Sequence[Any]) -> str:
        """What is wrong with a run; empty when nothing is."""
        own = [call for call in calls if call["amount"] == played.run.amount]
        effects = await played.driver.effects_of(played.run.amount)
        played.state = await played.read()
        reasons = []
        if not played.rests or any(call["state"] not in FINAL for call in own):
            reasons.append("it did not come to an end")
        if effects != Counter(_operation(call) for call in own if call["state"] == "applied"):
            reasons.append("the partner did what we do not say, or the other way round")
        came_back = sum(call["returned_at"] is not None for call in own)
        if not _agrees(played, effects, came_back):
            reasons.append("its state is not what the partner did")
        if not reasons:
            return ""
        steps = [(call["step"], call["ordinal"], call["state"], call["code"]) for call in own]
        return f"{reasons}: {played.driver.name} is {played.state!r} with {steps}, {effects}; {played}"


def _operation(call: Any) -> str:
    """The sandbox's name of what a money call asks for."""
    asked = call["step"] if call["rail"] == "chek" else call["operation"]
    return OPERATIONS.get(asked, str(asked))


def _agrees(played: Played, effects: Counter[str], came_back: int) -> bool:
    """Whether the flow's end is what the partner did, as the flow's own document tells its story."""
    state, driver = played.state, played.driver
    if driver.partner == "epx":
        return effects[driver.operation] == (1 if state in driver.done else 0)
    if isinstance(driver, ColumnReimbursement):
        book, paid = effects["book_transfers.create"], effects[driver.pays] - came_back
        if state in driver.done:
            return (book, paid) == (2, 1)
        return paid == 0 and (state == "action_required" or book % 2 == 0)
    moved, paid = effects["users.transfer_balance"], effects["directpay.send_payment"]
    wanted = {"paid": (1, 1), "payout_stopped": (1, 0), "giving_back_stopped": (1, 0), "given_back": (2, 0)}
    return (moved, paid) == wanted.get(state, (0, 0))
