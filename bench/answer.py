"""What a question is answered with: one row per contender and setting."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Range = tuple[float, float]
"""The least and the most that any round said."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One contender's rates in another's of the same rounds: the median, and how far the rounds lay apart."""

    median: float
    range: Range


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over the rounds, each round's figures held against the baseline's of the same round.

    `ratio` is of rates; `processor_ratio` of operations per second of processor time, server's and client's together:
    what the rates' ratio would be if nothing but the processor limited it, and it hardly moves on a busy machine.

    None where there is nothing to say: `note` then says why.
    """

    contender: str
    setting: str
    per_second: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    ratio: float | None = None
    processor_ratio: float | None = None
    server_us: float | None = None
    client_us: float | None = None
    note: str = ""
    ratio_range: Range | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What was aimed at, what came out, and whether that is enough."""

    what: str
    wanted: float
    found: float | None
    at_most: bool = False
    range: Range | None = None

    @property
    def met(self) -> bool | None:
        """None where it was not measured."""
        if self.found is None:
            return None
        return self.found <= self.wanted if self.at_most else self.found >= self.wanted


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's table and goals."""

    question: str
    unit: str
    rows: Sequence[Row]
    goals: Sequence[Goal] = field(default_factory=tuple)
    notes: Sequence[str] = field(default_factory=tuple)
