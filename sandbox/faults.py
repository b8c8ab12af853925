"""Faults on demand: which call of which partner goes wrong, how, and how often."""

import asyncio
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from sandbox.journal import Call


class Action(StrEnum):
    """What goes wrong, apart from when."""

    CUT = "cut"
    DELAY = "delay"
    PAUSE = "pause"
    STATUS = "status"
    MALFORMED = "malformed"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_REFERENCE = "wrong_reference"
    WEBHOOK_FIRST = "webhook_first"
    REFUSE_CONNECTION = "refuse_connection"


Stage = Literal["before", "after"]

# kind -> (stage relative to the partner's processing, action, HTTP status)
_KINDS: dict[str, tuple[Stage, Action, int]] = {
    "refuse_connection": ("before", Action.REFUSE_CONNECTION, 0),
    "cut_before": ("before", Action.CUT, 0),
    "cut_after": ("after", Action.CUT, 0),
    "delay_before": ("before", Action.DELAY, 0),
    "delay_after": ("after", Action.DELAY, 0),
    "pause_before": ("before", Action.PAUSE, 0),
    "pause_after": ("after", Action.PAUSE, 0),
    "malformed_before": ("before", Action.MALFORMED, 200),
    "malformed": ("after", Action.MALFORMED, 200),
    "http_500_before": ("before", Action.STATUS, 500),
    "http_500_after": ("after", Action.STATUS, 500),
    "wrong_amount": ("after", Action.WRONG_AMOUNT, 0),
    "wrong_reference": ("after", Action.WRONG_REFERENCE, 0),
    "webhook_first": ("after", Action.WEBHOOK_FIRST, 0),
}
_STATUS = re.compile(r"status(_after)?:([2-5]\d\d)")

KINDS = (*_KINDS, "status:<code>", "status_after:<code>")


def parse_kind(kind: str) -> tuple[Stage, Action, int]:
    """Raises ValueError for a kind that does not exist."""
    if kind in _KINDS:
        return _KINDS[kind]
    found = _STATUS.fullmatch(kind)
    if found is None:
        raise ValueError(f"unknown kind of fault; known are {', '.join(KINDS)}")
    return ("after" if found[1] else "before", Action.STATUS, int(found[2]))


@dataclass(frozen=True)
class Match:
    """Which calls: all that are given must agree. ``amount`` is in minor units."""

    reference: str | None = None
    amount: int | None = None
    last_four: str | None = None

    def fits(self, call: Call) -> bool:
        return (
            self.reference in (None, call.reference)
            and self.amount in (None, call.amount)
            and self.last_four in (None, call.last_four)
        )


@dataclass(eq=False)
class Fault:
    id: int
    partner: str
    operation: str  # or *
    kind: str
    count: int | None  # how often; None is until cleared
    delay_ms: int = 0
    match: Match = field(default_factory=Match)
    skip: int = 0  # how many matching calls pass unharmed first
    hits: int = 0
    waiting: int = 0  # calls that stand still at this fault now
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.stage, self.action, self.status = parse_kind(self.kind)

    @property
    def spent(self) -> bool:
        return self.count is not None and self.hits >= self.count


class FaultBook:
    """The faults that are set, in the order in which they were set. Kept in memory: a restart is a clean partner."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._last = 0

    def add(
        self,
        partner: str,
        kind: str,
        *,
        operation: str = "*",
        count: int | None = 1,
        delay_ms: int = 0,
        match: Match | None = None,
        skip: int = 0,
    ) -> Fault:
        self._last += 1
        fault = Fault(self._last, partner, operation, kind, count, delay_ms, match or Match(), skip)
        self._faults[fault.id] = fault
        return fault

    def take(self, partner: str, call: Call) -> Fault | None:
        """The one fault that strikes this call: the first that matches, is not spent and has nothing left to skip."""
        for fault in self._faults.values():
            if fault.partner != partner or fault.operation not in ("*", call.operation) or fault.spent:
                continue
            if fault.action is Action.REFUSE_CONNECTION or not fault.match.fits(call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            return fault
        return None

    def refusing(self, partner: str) -> bool:
        return any(f.partner == partner and f.action is Action.REFUSE_CONNECTION for f in self._faults.values())

    def get(self, fault_id: int) -> Fault | None:
        return self._faults.get(fault_id)

    def listed(self) -> list[Fault]:
        return list(self._faults.values())

    def remove(self, fault_id: int) -> None:
        """Calls that wait at it go on."""
        self._faults.pop(fault_id).released.set()

    def clear(self) -> None:
        for fault_id in list(self._faults):
            self.remove(fault_id)
