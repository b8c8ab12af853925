"""What the fault matrix must know of a rail: how to start a flow with one amount, and what its ends are called."""

from abc import ABC, abstractmethod
from collections import Counter
from typing import Any, ClassVar, Literal

import asyncpg

from tests.faults.world import World

Finding = Literal["report", "person", "balances", "subject", "key", "again"]
"""How lost answers are found out: a report once its batch is closed, two persons, balances, the state of the thing
itself, the same key again, or not at all: what moves no money is sent again under a new number."""
REPEATED = frozenset[Finding]({"key", "again"})


class Driver(ABC):
    """One step of one rail. The amount names the flow: faults, journal and money calls are found by it."""

    name: ClassVar[str]
    partner: ClassVar[str]
    operation: ClassVar[str]
    """The sandbox's name of the call under attack."""
    step: ClassVar[str]
    finding: Finding
    refused_amount: ClassVar[int | None] = None
    """An amount that the partner refuses."""
    skip: ClassVar[int] = 0
    """How many calls of this operation and amount come before the one under attack."""
    effects: ClassVar[int] = 1
    """How many calls of this operation and amount take effect when the flow is done."""
    done: ClassVar[frozenset[str]]
    undone: ClassVar[frozenset[str]]
    """The flow's states when the step was certainly done, and certainly not."""
    requests: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Partner and operation of each call of the flow that a randomized world disturbs; empty: the one under attack."""
    verbs: ClassVar[tuple[str, ...]] = ("cancel",)
    """What an operator may ask of the flow."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    async def prepare(self) -> None:
        """Once per world."""

    @abstractmethod
    async def ready(self, amount: int) -> None:
        """Everything before the flow that is attacked."""

    @abstractmethod
    async def start(self, amount: int) -> str:
        """Start it; returns the API's path of it."""

    @abstractmethod
    async def state(self, path: str) -> str:
        """The flow's state now."""

    def match(self, amount: int) -> dict[str, Any]:
        """How a fault tells the call of this flow from all others."""
        return {"amount": amount}

    async def call(self, amount: int) -> "asyncpg.Record | None":
        """The flow's money call, once it is recorded."""
        return await self.world.call(self.step, amount)

    async def received(self, amount: int) -> list[dict[str, Any]]:
        """What the partner's journal has of it."""
        return await self.world.received(self.partner, self.operation, amount)

    async def effects_of(self, amount: int) -> Counter[str]:
        """How often the partner, or each of several, did each of its operations with this amount."""
        return await self.world.effects(self.partner, amount)

    async def retry(self, path: str) -> bool:
        """Try again what was not done; False where another try is another flow."""
        del path
        return False
