"""What the fault matrix must know of a rail: how to start a flow with one amount, and what its ends are called."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from tests.faults.world import World

Finding = Literal["report", "person", "balances", "key"]
"""How the rail's lost answers are found out: a report once its batch is closed, two persons, balances, sent again."""


class Driver(ABC):
    """One step of one rail. The amount names the flow: faults, journal and money calls are found by it."""

    name: ClassVar[str]
    partner: ClassVar[str]
    operation: ClassVar[str]
    """The sandbox's name of the call under attack."""
    step: ClassVar[str]
    finding: ClassVar[Finding]
    refused_amount: ClassVar[int | None] = None
    """An amount that the partner refuses."""
    effects: ClassVar[int] = 1
    """How many calls of this operation and amount take effect when the flow is done."""
    done: ClassVar[frozenset[str]]
    undone: ClassVar[frozenset[str]]
    """The flow's states when the step was certainly done, and certainly not."""

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

    async def retry(self, path: str) -> bool:
        """Try again what was not done; False where another try is another flow."""
        del path
        return False
