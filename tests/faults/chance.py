"""What is to happen in a randomized world, drawn from a seed before anything runs: the same seed, the same plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.faults.drivers.base import Driver
from tests.faults.wire import Action

STARTS_WITHIN_SECONDS = 6.0
VOIDS_WITHIN_SECONDS = 3.0
"""A debit cannot be voided any more once the clock has moved past its batch."""
TROUBLE_UNTIL_SECONDS = 8.0
LONGEST_DELAY_MS = 2_700
"""Shorter than the send window and the settling delay (3.5 s): what a rail does, it does before that."""

KINDS = (
    "cut_before",
    "cut_after",
    "delay_before",
    "delay_after",
    "malformed_before",
    "malformed",
    "http_500_before",
    "http_500_after",
    "status:429",
    "status_after:429",
    "status:409",
    "status_after:409",
    "wrong_amount",
    "wrong_reference",
)
KINDS_OF_ANY_CALL = ("cut_before", "cut_after", "delay_before", "malformed_before", "http_500_before", "status:429")
"""These may hit what we only read, too. Numbers that are wrong in what we read are no fault but another partner."""
TELL_BY_THEMSELVES = frozenset({"column", "paypal"})
COMMITS = ("money_call_record", "money_call_begin_send", "money_call_settle", "money_call_in_doubt")


@dataclass(frozen=True)
class Scene:
    """What a world is made of. `source` is where EPX's lost answers are found out."""

    source: Literal["report_file", "none"]
    drivers: tuple[type[Driver], ...]
    runs: int
    kills: int = 0
    stands_still: bool = True
    """Whether a worker that is to be killed stands still first, once: that alone takes a quarter of a minute."""
    seconds: float = STARTS_WITHIN_SECONDS
    """Within which the flows are started."""


@dataclass(frozen=True)
class Fault:
    """`skip` calls of the run pass, then `count` go wrong."""

    partner: str
    operation: str
    kind: str
    count: int = 1
    skip: int = 0
    delay_ms: int = 0


@dataclass(frozen=True)
class Ask:
    """What an operator asks of the flow, so many seconds after it was started."""

    verb: str
    after: float


@dataclass(frozen=True)
class Run:
    """One flow. Its amount is its own in the world."""

    driver: type[Driver]
    amount: int
    starts_at: float
    faults: tuple[Fault, ...]
    asks: tuple[Ask, ...]
    help: str | None
    """What an operator asks once it rests without having been done."""


@dataclass(frozen=True)
class Event:
    """What happens to the whole world, `at` seconds after its beginning."""

    at: float


@dataclass(frozen=True)
class Away(Event):
    """A partner's sockets are closed."""

    partner: str
    seconds: float


@dataclass(frozen=True)
class Stumble(Event):
    """The next calls of a partner go wrong, whatever they are."""

    partner: str
    kind: str
    count: int


@dataclass(frozen=True)
class Commit(Event):
    """The next commits of one kind are lost, not done, or answered late by so many seconds."""

    function: str
    action: Action
    times: int
    seconds: float


@dataclass(frozen=True)
class Clock(Event):
    """Business time moves on."""

    hours: int


@dataclass(frozen=True)
class Held(Event):
    """Column keeps its events back, then tells them all."""

    seconds: float
    order: Literal["created", "reversed"]


@dataclass(frozen=True)
class Retold(Event):
    """Column tells one of its events again; `which` is a part of the way through them."""

    which: float
    copies: int


@dataclass(frozen=True)
class Blow:
    """What becomes of the worker after so many seconds of work: killed, or it stands still as it begins to send."""

    after: float
    kind: Literal["kill", "stand_still"]


@dataclass(frozen=True)
class Plan:
    """Everything that is to happen in one world."""

    scene: Scene
    webhook_delay_ms: int
    runs: tuple[Run, ...]
    events: tuple[Event, ...]
    blows: tuple[Blow, ...]


def draw(scene: Scene, seed: str) -> Plan:
    """The plan of a scene. Equal seeds give equal plans."""
    chance = Random(seed)
    return Plan(
        scene=scene,
        webhook_delay_ms=chance.choice((0, 100, 1_500)),
        runs=_runs(chance, scene),
        events=_events(chance, scene),
        blows=_blows(chance, scene),
    )


def _blows(chance: Random, scene: Scene) -> tuple[Blow, ...]:
    blows = [Blow(_seconds(chance, 0.2, 3.0), "kill") for _ in range(scene.kills)]
    if blows and scene.stands_still:
        blows.insert(chance.randrange(2), Blow(_seconds(chance, 0.2, 2.0), "stand_still"))
    return tuple(blows)


def _runs(chance: Random, scene: Scene) -> tuple[Run, ...]:
    runs = []
    refused: set[int] = set()
    for number in range(scene.runs):
        driver = scene.drivers[number % len(scene.drivers)]
        amount = driver.refused_amount
        if amount is None or driver.step == "void" or amount in refused or chance.random() > 0.2:
            amount = 10_001 + number
        refused.add(amount)
        runs.append(
            Run(
                driver,
                amount,
                starts_at=_seconds(chance, 0, VOIDS_WITHIN_SECONDS if driver.step == "void" else scene.seconds),
                faults=tuple(_fault(chance, driver) for _ in range(chance.choice((0, 1, 1, 1, 2)))),
                asks=tuple(
                    Ask(chance.choice(driver.verbs), _seconds(chance, 0, 4)) for _ in range(chance.choice((0, 0, 1, 2)))
                ),
                help=chance.choice((None, *driver.verbs)),
            )
        )
    return tuple(runs)


def _fault(chance: Random, driver: type[Driver]) -> Fault:
    partner, operation = chance.choice(driver.requests or ((driver.partner, driver.operation),))
    kinds = (*KINDS, "webhook_first") if partner in TELL_BY_THEMSELVES else KINDS
    kind = chance.choice(kinds)
    delay_ms = chance.randrange(50, LONGEST_DELAY_MS) if "delay" in kind or chance.random() < 0.2 else 0
    return Fault(partner, operation, kind, chance.choice((1, 1, 2, 3)), chance.choice((0, 0, 0, 1)), delay_ms)


def _events(chance: Random, scene: Scene) -> tuple[Event, ...]:
    """As many troubles for each time that a flow usually has, as long as flows are started."""
    partners = sorted({partner for driver in scene.drivers for partner in _partners(driver)})
    events: list[Event] = []
    for begins in range(max(1, round(scene.seconds / STARTS_WITHIN_SECONDS))):
        events += _troubles(chance, partners, begins * STARTS_WITHIN_SECONDS)
    return tuple(sorted(events, key=lambda event: event.at))


def _partners(driver: type[Driver]) -> set[str]:
    return {driver.partner} | {partner for partner, _ in driver.requests}


def _troubles(chance: Random, partners: Sequence[str], begins: float) -> list[Event]:
    def moment() -> float:
        return begins + _seconds(chance, 0, TROUBLE_UNTIL_SECONDS)

    events: list[Event] = []
    for partner in partners:
        events.append(Away(moment(), partner, _seconds(chance, 0.3, 1.2)))
        events += [
            Stumble(moment(), partner, chance.choice(KINDS_OF_ANY_CALL), chance.randint(1, 3))
            for _ in range(chance.randint(1, 3))
        ]
    for function in COMMITS:
        action: Action = chance.choice(("hold", "lose_after", "lose_before"))
        events.append(Commit(moment(), function, action, chance.randint(1, 3), _seconds(chance, 0.2, 4.5)))
    # later the checks would be cashed, and what is sent would be too old to be compared
    if begins == 0:
        events += [Clock(moment(), chance.randint(1, 23)) for _ in range(chance.randint(0, 3))]
    if "column" in partners:
        events.append(Held(moment(), _seconds(chance, 0.5, 3), chance.choice(("created", "reversed"))))
        events += [Retold(moment(), chance.random(), chance.randint(1, 3)) for _ in range(chance.randint(2, 6))]
    return events


def _seconds(chance: Random, shortest: float, longest: float) -> float:
    return round(chance.uniform(shortest, longest), 2)
