"""What a partner tells before our own commit of its answer waits, takes effect once, and contradicts nothing."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.arrange import LONG_HTTP, calls_of, release, stand_at_partner, together
from tests.faults.cells import Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.column import ColumnBook, ColumnPayout
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.locks import not_settled, until_blocked
from tests.faults.play import Seen, conclude, plan, start
from tests.faults.world import World, open_world
from tests.proof import prove

SETTLED = Cell("settled_before_our_commit", "pause_after")
RETURNED = Cell("returned_before_our_commit", "pause_after")
RETURN_CODE = "R03"

Postings = dict[tuple[str, str], int]


class EpxReportTells(EpxWithReport):
    """The feed's lines, with the report file."""

    done = frozenset({"settled"})


class EpxFeedTells(EpxWithoutReport):
    """The feed's lines, where nothing can be looked up."""

    done = frozenset({"settled"})


class EpxReportReturns(EpxWithReport):
    """The feed's lines of an entry that came back, with the report file."""

    done = frozenset({"returned"})


class EpxFeedReturns(EpxWithoutReport):
    """The feed's lines of an entry that came back, where nothing can be looked up."""

    done = frozenset({"returned"})


class ColumnTells(ColumnPayout):
    """The webhooks of an ACH transfer."""

    done = frozenset({"settled"})


class ColumnReturns(ColumnPayout):
    """The webhooks of an ACH transfer that came back."""

    done = frozenset({"returned"})


Drivers = tuple[type[Driver], ...]
Played = tuple[tuple[Cell, Drivers], ...]
PLAYED: Mapping[str, Played] = {
    "report_file": (
        (SETTLED, (EpxReportTells, ColumnTells, ColumnBook)),
        (RETURNED, (EpxReportReturns, ColumnReturns)),
    ),
    "none": ((SETTLED, (EpxFeedTells,)), (RETURNED, (EpxFeedReturns,))),
}


@dataclass
class Told:
    """One cell, and what it left behind."""

    seen: Seen
    postings: Postings
    cases: list[str]


async def play(world: World, cells: Played) -> dict[tuple[str, str], Told]:
    """All cells of a world at once: told of before the answer, and again while our commit of the answer is held."""
    played: list[Seen] = []
    for number, (cell, drivers) in enumerate(cells, 1):
        played += await plan([driver(world) for driver in drivers], (cell,), first_amount=10_000 * number + 1)
    faults = await start(world, played)
    await stand_at_partner(world, played, faults)
    for seen in played:
        await happen(world, seen, "settle")
    await tell_of_transfers(world)
    for seen in played:
        await until_heard(world, seen, "waiting")
    async with not_settled(world, await calls_of(world, played)):
        await release(world, faults, SETTLED, RETURNED)
        await until_blocked(world, len(played))
        back = [seen for seen in played if seen.cell is RETURNED]
        for seen in back:
            await happen(world, seen, "return", code=RETURN_CODE)
        await tell_of_transfers(world)
        for seen in back:
            await until_heard(world, seen, "stored", "waiting", kind="return")
        await prove(world.system, at_rest=False)
    await conclude(world, played)
    cases = [row["kind"] for row in await world.owner.fetch("select kind from case_file")]
    return {seen.id: Told(seen, await postings_of(world, seen), cases) for seen in played}


async def happen(world: World, seen: Seen, what: str, **how: str) -> None:
    """The bank settles, or sends back, what our books still hold."""
    call = await world.call(seen.driver.step, seen.amount)
    assert call is not None
    if seen.driver.partner == "epx":
        batch = await world.owner.fetchval("select batch_id from ach_transaction where id = $1", call["flow_id"])
        how |= {"tran_nbr": call["rail_reference"], "batch_id": batch}
        path = f"/epx/entries/{what}"
    elif seen.driver.operation == "ach_transfers.create":
        transfers = (await world.system.control.get("/books/column")).json()["transfers"]
        transfer = next(one for one in transfers if one["amount"] == seen.amount and one["kind"] == "ach")
        path = f"/column/ach/{transfer['id']}/{what}"
    else:
        return  # a book transfer is booked when it is made
    (await world.system.control.post(path, json=how)).raise_for_status()


async def tell_of_transfers(world: World) -> None:
    """All of Column's events, the last one first, each twice."""
    secret = world.system.settings.column.webhook_secret.get_secret_value().encode()
    events = (await world.system.control.get("/column/events")).json()["data"]
    for event in [one for one in reversed(events) for _ in range(2)]:
        body = json.dumps({"id": event["id"], "type": event["type"], "data": json.loads(event["data"])}).encode()
        headers = {"Column-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest()}
        answer = await world.system.api.post("/v1/webhooks/column", content=body, headers=headers)
        assert answer.is_success, answer.text


async def until_heard(world: World, seen: Seen, *states: str, kind: str = "") -> None:
    """Until what was told of it is in the inbox; `waiting` is what was looked at, and comes too early."""
    call = await world.call(seen.driver.step, seen.amount)
    assert call is not None
    heard = (
        "select count(*) from inbox_event where reference = $1 and state = any($2::text[]) and position($3 in kind) > 0"
    )
    await world.system.eventually(lambda: world.owner.fetchval(heard, call["rail_reference"], states, kind))


async def postings_of(world: World, seen: Seen) -> Postings:
    """How often each kind of transaction is in the ledger for this call, or for its return."""
    call = await world.call(seen.driver.step, seen.amount)
    assert call is not None
    rows = await world.owner.fetch(
        "select operation::text, kind from ledger.transaction"
        " where position($1 in key) > 0 or position($2 in key) > 0 and kind = 'payout_returned'",
        str(call["id"]),
        str(call["flow_id"]),
    )
    return dict(Counter((row["operation"], row["kind"]) for row in rows))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Mapping[tuple[str, str], Told]]:
    """All cells, played at once."""

    async def one(source: str) -> dict[tuple[str, str], Told]:
        changes: dict[str, Any] = {"epx": LONG_HTTP | {"inquiry_source": source}, "column": LONG_HTTP}
        async with open_world(migrated, temporal.address, **changes) as world:
            return await play(world, PLAYED[source])

    first, second = await together(one(source) for source in PLAYED)
    yield first | second


def _cells() -> list[Any]:
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for cells in PLAYED.values()
        for cell, drivers in cells
        for driver in drivers
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_it_waits_and_takes_effect_once(told: Mapping[tuple[str, str], Told], driver: type[Driver], cell: Cell) -> None:
    found = told[driver.name, cell.name]
    assert (found.seen.rested, found.seen.ended) == ("applied", "done")
    assert (found.seen.effects, found.seen.sends) == (driver.effects, 1)
    assert not {"contradiction", "event_does_not_fit"} & set(found.cases)
    assert set(found.postings.values()) == {1}, found.postings
    assert {operation for operation, _ in found.postings} - {"fact"} == {"hold", "post_hold"}
    facts = {kind for operation, kind in found.postings if operation == "fact"}
    assert facts in facts_of(driver, cell)


def facts_of(driver: type[Driver], cell: Cell) -> tuple[set[str], ...]:
    """What follows from the words. A settlement that is heard of after the return takes back nothing any more."""
    if driver.partner == "column":
        return ({"payout_returned"},) if cell is RETURNED else (set(),)
    return ({"ach_settlement", "ach_return"}, {"ach_return"}) if cell is RETURNED else ({"ach_settlement"},)
