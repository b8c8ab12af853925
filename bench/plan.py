"""How much is measured: the knobs of one run."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` is the length of one sample; in each of `rounds` every contender gives one sample, in turn.

    Peers that are not part of the project run only where they are named: `pgledger` is the file with its published SQL,
    `hordak` asks for a private environment with django-hordak in it.
    """

    seconds: float = 1.0
    rounds: int = 5
    callers: tuple[int, ...] = (1, 8, 32)
    pgledger: Path | None = None
    hordak: bool = False
