"""A pay run over many pairs with faults among them; by hand: `python -m tests.flows.childcare.pay_run 1000`."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from domain.ids import parse_public_id
from settings import Settings
from tests.conftest import fresh_database, make_template, system_settings
from tests.faults.world import changed
from tests.flows.childcare.books import payments, prove
from tests.flows.childcare.town import Person, Town
from tests.opening import fresh_sandbox
from tests.replay.scenes import town as scene

TRANSFER, PAYOUT = "users.transfer_balance", "directpay.send_payment"
CHILDREN_PER_FAMILY = PROVIDERS_PER_CHILD = 2
ALLOCATED = 20_000
NAMED = {"paid", "stopped", "refused", "in_doubt"}
# what goes wrong, in turn: lost before and after, garbled, a gateway's own error, and a clean refusal
FAULTS = (
    (PAYOUT, "cut_after"),
    (TRANSFER, "cut_before"),
    (PAYOUT, "malformed"),
    (TRANSFER, "http_500_after"),
    (PAYOUT, "status:400"),
)


async def populate(town: Town, pairs: int) -> list[Person]:
    """As many pairs of provider and child, one care day each, in families with siblings and shared providers."""
    children = pairs // PROVIDERS_PER_CHILD
    # a provider cares for two children at most
    providers = [await town.provider("ach") for _ in range(max(children, PROVIDERS_PER_CHILD))]
    turn: Iterator[Person] = cycle(providers)
    families = [await town.family() for _ in range(-(-children // CHILDREN_PER_FAMILY))]
    pairs_to_be = []
    for number in range(children):
        child = await town.child(families[number // CHILDREN_PER_FAMILY], number)
        pairs_to_be.append((child, list(islice(turn, PROVIDERS_PER_CHILD))))
    # the money reaches the families while the rest is made
    allocations = [await town.allocation(child, ALLOCATED, wait=0) for child, _ in pairs_to_be]
    for (child, theirs), allocation in zip(pairs_to_be, allocations, strict=True):
        for day, provider in enumerate(theirs, start=1):
            await town.rate(provider, child)
            await town.care_days(allocation, provider, day)
    for allocation in allocations:
        path = f"/v1/allocations/{allocation['id']}"
        await town.system.until(path, lambda seen: seen["funding_state"] == "funded", seconds=600)
    return providers


async def endow(town: Town, pairs: int) -> None:
    """So much more money for the programme as the town's months come to."""
    more = pairs // PROVIDERS_PER_CHILD * ALLOCATED
    there = next(line for line in await _programs(town) if line["id"] == 501)["balance"]
    await town.system.control.put("/chek/programs/501/balance", json={"balance": there + more})
    body = {"amount": more, "currency": "USD", "reference": f"for {pairs} pairs"}
    await town.system.post(f"/v1/programs/{town.program_id}/fundings", body)


async def _programs(town: Town) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await town.chek.get("programs/")).json()["results"]
    return found


async def inject(town: Town, pairs: int, percent: int = 5) -> int:
    """Have this share of the run's calls at Chek go wrong, spread over the run; returns how many."""
    calls = 2 * pairs
    count = max(calls * percent // 100, 1)
    for number, (operation, kind) in zip(range(count), cycle(FAULTS), strict=False):
        await town.fault(operation, kind, skip=number * pairs // count)
    return count


async def start(town: Town, *, wait: int = 0, **body: Any) -> dict[str, Any]:
    """Pay the month's first days."""
    period = {"first_day": town.day(1).isoformat(), "last_day": town.day(7).isoformat()}
    run: dict[str, Any] = await town.system.post(
        "/v1/pay-runs", {"program_id": town.program_id, **period, **body}, wait=wait
    )
    return run


async def ended(town: Town, run: dict[str, Any], *states: str, seconds: float = 120) -> dict[str, Any]:
    """The run, once it is in one of these states."""
    found: dict[str, Any] = await town.system.until(
        f"/v1/pay-runs/{run['id']}", lambda seen: seen["state"] in states, seconds=seconds
    )
    return found


def pairs_of(run: dict[str, Any]) -> dict[str, int]:
    """How many pairs stand where."""
    return {standing: share["pairs"] for standing, share in run["progress"].items()}


async def play(town: Town, pairs: int, *, seconds: float = 120) -> dict[str, Any]:
    """The whole story; every pair is paid once or in a named state, and the books agree."""
    return await play_in(town, await populate(town, pairs), pairs, seconds=seconds)


async def play_in(town: Town, providers: list[Person], pairs: int, *, seconds: float) -> dict[str, Any]:
    """The same in a town that is made."""
    await inject(town, pairs)
    run = await start(town)
    assert run["total"]["pairs"] == pairs
    done = await ended(town, run, "finished", seconds=seconds)
    standing = pairs_of(done)
    assert sum(standing.values()) == pairs
    assert standing.keys() <= NAMED, standing
    assert sum(line["amount"] for line in await payments(town)) == done["progress"]["paid"]["amount"]
    await prove(town, *providers)
    return done


async def histories(town: Town, run: dict[str, Any]) -> str:
    """How many events the parent's histories have, oldest first: a long run goes on under fresh ones."""
    run_id = parse_public_id("prun", run["id"], field="id")
    temporal = town.system.house.temporal
    counts = {}
    async for one in temporal.list_workflows(f'WorkflowId = "pay-run/{run_id}"'):
        counts[one.start_time] = one.history_length
    return f"events of the parent's histories: {[counts[start] for start in sorted(counts)]}"


async def _by_hand(pairs: int) -> None:
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            place = Path(folder)
            postgres = stack.enter_context(EmbeddedPostgres(place / "postgres", settings={"fsync": "off"}))
            temporal = stack.enter_context(EmbeddedTemporal(place / "temporal", in_memory=True, headless=True))
            await asyncio.to_thread(make_template, postgres)
            database = await stack.enter_async_context(fresh_database(postgres))
            sandbox = await stack.enter_async_context(fresh_sandbox())
            settings: Settings = changed(
                system_settings(postgres, temporal.address, database, sandbox),
                api={"rate_per_second": 100_000, "rate_burst": 100_000},
                childcare={"children_per_provider": 4},
            )
            _, town = await stack.enter_async_context(scene(settings, sandbox))
            await endow(town, pairs)
            providers = await populate(town, pairs)
            began = time.monotonic()
            done = await play_in(town, providers, pairs, seconds=7_200)
            took = time.monotonic() - began
            print(f"{pairs} pairs: {pairs_of(done)}; {took:.0f} s; {await histories(town, done)}")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_by_hand(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
