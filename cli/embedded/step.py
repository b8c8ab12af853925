"""Something done once while the system starts, between its parts: migrations, for example."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """`action` raises StartFailedError when the system cannot start because of it."""

    name: str
    action: Callable[[], None]
