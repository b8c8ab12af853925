"""More requests than the API can serve: what it can, three times that, and how soon it is itself again."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import httpx

from domain.ids import new_id
from tests.system import System

TIMES = 3
REFUSALS = frozenset({429, 503})
PROBES = 5
RECOVERED_TIMES = 3
BREATH_SECONDS = 0.05
RECOVERED_FLOOR_SECONDS = 0.05
RECOVERY_SECONDS = 60.0


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


async def press(system: System, account_id: str, *, callers: int, seconds: float) -> Pressure:
    """Measure what `callers` in a closed loop get, offer three times as much, then look until it is quick again."""
    idle = median([(await _timed(system, account_id))[1] for _ in range(PROBES)])
    sustainable = await _sustainable(system, account_id, callers, seconds)
    answers = await _offered(system, account_id, TIMES * sustainable, seconds)
    recovered = await _recovered(system, account_id, max(RECOVERED_TIMES * idle, RECOVERED_FLOOR_SECONDS))
    taken = [(answer, took) for answer, took in answers if answer.is_success]
    refused = [(answer, took) for answer, took in answers if answer.status_code in REFUSALS]
    return Pressure(
        sustainable=round(sustainable, 1),
        offered=round(len(answers) / seconds, 1),
        answers=dict(sorted(Counter(answer.status_code for answer, _ in answers).items())),
        without_retry_after=sum("Retry-After" not in answer.headers for answer, _ in refused),
        accepted=[f"/v1/ach-debits/{answer.json()['id']}" for answer, _ in taken],
        idle_seconds=round(idle, 3),
        accepted_seconds=round(median([took for _, took in taken] or [0.0]), 3),
        refused_seconds=round(median([took for _, took in refused] or [0.0]), 3),
        recovered_after=round(recovered, 1),
    )


async def _timed(system: System, account_id: str) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = await system.api.post(
        "/v1/ach-debits",
        json={"account_id": account_id, "amount": 1_000, "currency": "USD"},
        headers={"Idempotency-Key": new_id().hex},
    )
    return answer, time.monotonic() - began


async def _sustainable(system: System, account_id: str, callers: int, seconds: float) -> float:
    end = time.monotonic() + seconds
    done = 0

    async def call() -> None:
        nonlocal done
        while time.monotonic() < end:
            answer, _ = await _timed(system, account_id)
            if answer.status_code in REFUSALS:
                # what earlier requests began still keeps their places
                await asyncio.sleep(BREATH_SECONDS)
                continue
            assert answer.is_success, answer.text
            done += 1

    await asyncio.gather(*(call() for _ in range(callers)))
    return done / seconds


async def _offered(
    system: System, account_id: str, per_second: float, seconds: float
) -> Sequence[tuple[httpx.Response, float]]:
    """An open loop: the next request does not wait for the one before."""
    sent: list[asyncio.Task[tuple[httpx.Response, float]]] = []
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        while len(sent) < passed * per_second:
            sent.append(asyncio.create_task(_timed(system, account_id)))
        await asyncio.sleep(0.01)
    return await asyncio.gather(*sent)


async def _recovered(system: System, account_id: str, quick: float) -> float:
    """Seconds until the first of so many requests in a row that are accepted as quickly as before."""
    began = first = time.monotonic()
    in_a_row = 0
    while in_a_row < PROBES:
        answer, took = await _timed(system, account_id)
        in_a_row = in_a_row + 1 if answer.is_success and took <= quick else 0
        if not in_a_row:
            first = time.monotonic()
            assert first - began < RECOVERY_SECONDS, f"still {took:.2f} s, {answer.status_code}"
            await asyncio.sleep(BREATH_SECONDS)
    return first - began
