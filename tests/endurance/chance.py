"""What a run is to go through, drawn from its seed before anything happens: equal seeds, equal decisions.

What is not decided here, and so may differ when a seed is played again: how fast each process is, and so which request
a fault or a kill meets, in which order calls arrive, and what the partners' generated ids are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.faults.chance import KINDS, KINDS_OF_ANY_CALL

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "epx": ("CKC2", "CKC3", "CKCX", "CKS2"),
    "chek": ("users.transfer_balance", "directpay.send_payment"),
    "column": ("book_transfers.create", "ach_transfers.create", "check_transfers.issue"),
    "paypal": ("payouts.create",),
}
"""The calls that move money: what may go wrong with them is more than with a look."""
TOLD = frozenset({"column", "paypal"})
"""Partners that tell by webhook what became of something."""
LONGEST_DELAY_MS = 2_500
"""Shorter than the send window and the settling delay."""

LONGER = 2

Kind = Literal[
    "debit",
    "savings_debit",
    "returned_debit",
    "declined_debit",
    "voided_debit",
    "void",
    "payout",
    "refund",
    "provider_payment",
    "reclaim",
    "allocation",
    "ach_reimbursement",
    "check_reimbursement",
    "paypal_reimbursement",
    "wire_reimbursement",
    "account",
    "correction",
    "authorization",
    "onboarding",
    "pay_run",
]
WEIGHTS: Mapping[Kind, int] = {
    "debit": 19,
    "savings_debit": 5,
    "returned_debit": 5,
    "declined_debit": 3,
    "voided_debit": 7,
    "payout": 5,
    "refund": 5,
    "provider_payment": 17,
    "reclaim": 4,
    "allocation": 3,
    "ach_reimbursement": 9,
    "check_reimbursement": 4,
    "paypal_reimbursement": 4,
    "wire_reimbursement": 4,
    "account": 3,
    "authorization": 4,
    "onboarding": 5,
    "pay_run": 3,
}
"""What callers begin. A void follows its debit, a correction its account; what else begins by itself is in issue.py."""
ASKS: Mapping[Kind, tuple[str, ...]] = {
    **dict.fromkeys(WEIGHTS, ("retry", "cancel")),
    "allocation": (),
    "authorization": ("pause", "resume", "cancel"),
}
"""What operators may ask of each."""


@dataclass(frozen=True)
class Deed:
    """One flow that a caller begins; `ask` is what an operator then asks of it, after so many seconds."""

    kind: Kind
    amount: int
    pause: float
    ask: str | None
    ask_after: float
    which: int
    """Chooses the account, family or payee."""


@dataclass(frozen=True)
class Event:
    """What happens to the world, `at` seconds after the beginning."""

    at: float


@dataclass(frozen=True)
class Blow(Event):
    """A part is killed with -9 and stays away for so many seconds."""

    part: str
    down: float


@dataclass(frozen=True)
class Fault(Event):
    """The next calls of a partner go wrong."""

    partner: str
    operation: str
    kind: str
    count: int
    delay_ms: int


@dataclass(frozen=True)
class Away(Event):
    """A partner's sockets are closed."""

    partner: str
    seconds: float


@dataclass(frozen=True)
class Held(Event):
    """Column keeps its events back, then tells them in this order."""

    seconds: float
    order: Literal["created", "reversed"]


@dataclass(frozen=True)
class Retold(Event):
    """Column tells one of its last events again."""

    back: int
    copies: int


@dataclass(frozen=True)
class Clock(Event):
    """Business time moves on: batches close, entries settle, returns come."""

    hours: int


def deeds(seed: str, caller: int, pause: float) -> Iterator[Deed]:
    """What one caller does, without end. `pause` is the mean of the pauses between two of them, seconds."""
    chance = Random(f"{seed}/caller/{caller}")
    kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
    while True:
        kind = chance.choices(kinds, weights)[0]
        yield Deed(
            kind,
            amount=chance.randrange(300, 2_000),
            pause=round(chance.uniform(0, 2 * pause), 3),
            ask=chance.choice(ASKS[kind]) if ASKS[kind] and chance.random() < 0.12 else None,
            ask_after=round(chance.uniform(0, 2), 2),
            which=chance.randrange(1_000_000),
        )


def events(seed: str, seconds: float, parts: Sequence[str], *, calm: float) -> tuple[Event, ...]:
    """All trouble of a run, and of as long again: the load goes on until its flows are begun.

    `calm` is the mean of the pauses between two blows, seconds.

    One worker is spared, and so is the API after the first quarter, so that each has a long life to measure.
    """
    drawn: list[Event] = [*_blows(Random(f"{seed}/blows"), seconds, parts, calm)]
    chance = Random(f"{seed}/trouble")
    at = 0.0
    while (at := at + chance.uniform(0.2, calm / 2)) < LONGER * seconds:
        drawn.append(_trouble(chance, round(at, 2)))
    every = max(seconds / 12, 6.0)
    drawn += [
        Clock(round(every * number, 2), chance.randint(5, 23)) for number in range(1, int(LONGER * seconds / every) + 1)
    ]
    return tuple(sorted(drawn, key=lambda event: event.at))


def inquiry_source(seed: str) -> str:
    """How EPX's lost answers are found out: from its report, or, as in production, by two persons."""
    return Random(f"{seed}/source").choice(("report_file", "none"))


def _blows(chance: Random, seconds: float, parts: Sequence[str], calm: float) -> Iterator[Blow]:
    workers = [part for part in parts if part.startswith("worker")]
    killable = [part for part in parts if part not in workers[1:2]]
    first = chance.sample(killable, len(killable))  # each one falls at least once, if there is time for it
    at = 0.0
    while (at := at + chance.uniform(0.3, 1.7) * calm) < LONGER * seconds:
        part = first.pop() if first else chance.choice(killable)
        if part == "api" and at > seconds / 4:
            part = workers[0]
        yield Blow(round(at, 2), part, round(chance.uniform(0, 2.5), 2))


def _trouble(chance: Random, at: float) -> Event:
    partner = chance.choice(sorted(OPERATIONS))
    what = chance.random()
    if what < 0.08:
        return Away(at, partner, round(chance.uniform(0.3, 2.0), 2))
    if what < 0.16:
        return Held(at, round(chance.uniform(0.5, 4.0), 2), chance.choice(("created", "reversed")))
    if what < 0.3:
        return Retold(at, chance.randrange(200), chance.randint(1, 3))
    count = chance.choice((1, 1, 2, 3))
    if what < 0.5:
        kind = chance.choice(KINDS_OF_ANY_CALL)
        return Fault(at, partner, "*", kind, count, 500 if "delay" in kind else 0)
    kinds = (*KINDS, "webhook_first") if partner in TOLD else KINDS
    kind = chance.choice(kinds)
    delay_ms = chance.randrange(50, LONGEST_DELAY_MS) if "delay" in kind or chance.random() < 0.2 else 0
    return Fault(at, partner, chance.choice(OPERATIONS[partner]), kind, count, delay_ms)
