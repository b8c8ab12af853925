"""How much is measured: the knobs of one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` is the length of one sample; in each of `rounds` every contender gives one sample, in turn."""

    seconds: float = 1.0
    rounds: int = 5
    callers: tuple[int, ...] = (1, 8, 32)
    flows: int = 48
    """How many flows one sample of whole flows plays at once."""
    items: int = 1000
    """How many payments the longer of two pay runs has."""
    grown: int = 100_000
    """How many transactions the larger of two databases has."""
