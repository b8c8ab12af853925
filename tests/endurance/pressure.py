"""More requests than the API can serve: what it can, three times that, and how soon it is itself again."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

TIMES = 3
REFUSALS = frozenset({429, 503})
PROBES = 5
RECOVERED_TIMES = 3
BREATH_SECONDS = 0.05
RECOVERED_FLOOR_SECONDS = 0.05
RECOVERY_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """Of one POST of a debit; `took` seconds."""

    status: int
    retry_after: bool
    body: bytes
    took: float

    @property
    def is_taken(self) -> bool:
        """Whether the debit was accepted."""
        return self.status in range(200, 300)


Ask = Callable[[], Awaitable[Answer]]
"""One more debit, under a key of its own."""


@dataclass(frozen=True)
class Pressure:
    """How it went. Seconds, and requests per second."""

    sustainable: float
    offered: float
    answers: dict[int, int]
    without_retry_after: int
    accepted: list[str]
    """Paths of the debits."""
    idle_seconds: float
    accepted_seconds: float
    """Median of those that were accepted under pressure."""
    refused_seconds: float
    recovered_after: float
    """Since the last request was sent, whether or not those before it were answered by then."""


async def press(ask: Ask, *, callers: int, seconds: float) -> Pressure:
    """Measure what `callers` in a closed loop get, offer three times as much, then look until it is quick again."""
    idle = median([(await ask()).took for _ in range(PROBES)])
    sustainable = await _sustainable(ask, callers, seconds)
    began = time.monotonic()
    sent = await _offer(ask, TIMES * sustainable, seconds)
    offered = len(sent) / (time.monotonic() - began)
    recovered = await _recovered(ask, max(RECOVERED_TIMES * idle, RECOVERED_FLOOR_SECONDS))
    answers = await asyncio.gather(*sent)
    taken = [answer for answer in answers if answer.is_taken]
    refused = [answer for answer in answers if answer.status in REFUSALS]
    return Pressure(
        sustainable=round(sustainable, 1),
        offered=round(offered, 1),
        answers=dict(sorted(Counter(answer.status for answer in answers).items())),
        without_retry_after=sum(not answer.retry_after for answer in refused),
        accepted=[f"/v1/ach-debits/{json.loads(answer.body)['id']}" for answer in taken],
        idle_seconds=round(idle, 3),
        accepted_seconds=round(median([answer.took for answer in taken] or [0.0]), 3),
        refused_seconds=round(median([answer.took for answer in refused] or [0.0]), 3),
        recovered_after=round(recovered, 1),
    )


async def _sustainable(ask: Ask, callers: int, seconds: float) -> float:
    end = time.monotonic() + seconds
    done = 0

    async def call() -> None:
        nonlocal done
        while time.monotonic() < end:
            answer = await ask()
            if answer.status in REFUSALS:
                # what earlier requests began still keeps their places
                await asyncio.sleep(BREATH_SECONDS)
                continue
            assert answer.is_taken, answer
            done += 1

    await asyncio.gather(*(call() for _ in range(callers)))
    return done / seconds


async def _offer(ask: Ask, per_second: float, seconds: float) -> list["asyncio.Task[Answer]"]:
    """An open loop: the next request does not wait for the one before. Those that were sent, most of them answered."""
    sent: list[asyncio.Task[Answer]] = []
    began = time.monotonic()
    while len(sent) < seconds * per_second:
        due = (time.monotonic() - began) * per_second
        while len(sent) < due:
            sent.append(asyncio.ensure_future(ask()))
        await asyncio.sleep(0.01)
    return sent


async def _recovered(ask: Ask, quick: float) -> float:
    """Seconds until the first of so many requests in a row that are accepted as quickly as before."""
    began = first = time.monotonic()
    in_a_row = 0
    while in_a_row < PROBES:
        answer = await ask()
        in_a_row = in_a_row + 1 if answer.is_taken and answer.took <= quick else 0
        if not in_a_row:
            first = time.monotonic()
            assert first - began < RECOVERY_SECONDS, f"still {answer.took:.2f} s, {answer.status}"
            await asyncio.sleep(BREATH_SECONDS)
    return first - began
