"""PayPal's tokens and what it says of a batch, under faults: asking moves nothing, and no second batch is made.

Which flow meets which fault is left to chance, since a token is of no payout; each fault strikes once.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from activities.payout_reconciliation import PayoutReconciliation, statements
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.cells import CELLS, Cell
from tests.faults.drivers.paypal import PayPalPayout
from tests.faults.extent import WHOLE
from tests.faults.play import settle_down, some_at_once
from tests.faults.world import World, open_world
from tests.proof import prove

SOME = frozenset({"cut_after_processing", "malformed_processed", "http_500_before_processing", "http_429_unprocessed"})
READS = (
    *(cell for cell in CELLS if (WHOLE and cell.kind and not cell.kind.startswith("wrong")) or cell.name in SOME),
    Cell("http_401_unprocessed", "status:401", processed=False),
)
TOKEN, BATCH, PAYMENTS = "oauth2.token", "payouts.get", "transactions.list"
SHORT_LIFE_SECONDS = 30
"""Less than the margin that we keep: each request asks for a token of its own."""
DAYS = 70


@dataclass
class Looked:
    """What became of the payouts, and of each fault."""

    hits: dict[tuple[str, str], int]
    unread: dict[tuple[str, str], int]
    """How many answers the daily look could not read with the fault, by what it reads."""
    states: list[str]
    batches: list[int]
    """How many batches PayPal has made of each payout."""
    moved: set[str]
    """The payouts' states after the looks that could not read."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looked(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Looked]:
    """Payouts whose tokens are kept back, payouts whose batches cannot be read, then looks that read neither."""
    async with open_world(migrated, temporal.address) as world:
        config = world.system.sandbox.world.paypal.config
        config.token_life_seconds, long_life = SHORT_LIFE_SECONDS, config.token_life_seconds
        driver = PayPalPayout(world)
        await driver.prepare()
        without_token, without_batch = range(10_001, 10_001 + len(READS)), range(20_001, 20_001 + len(READS))
        amounts = [*without_token, *without_batch]
        await some_at_once(driver.ready(amount) for amount in amounts)
        for amount in without_batch:  # what is sent again meets the batch that PayPal has, and reads it
            await world.fault("paypal", driver.operation, "cut_after", match={"amount": amount})
        hits = await play(world, driver, amounts)
        unread = await looks_in_vain(world, TOKEN)
        config.token_life_seconds = long_life
        unread |= await looks_in_vain(world, BATCH, PAYMENTS)
        moved = {await driver.state(path_of(driver, amount)) for amount in amounts}
        assert (await look(world))["unread"] == 0
        for item in await driver.people.items():
            await driver.people.item_becomes(item, "SUCCESS")
        assert (await look(world))["missed"] == len(amounts)
        await settle_down(world)
        states = [await driver.state(path_of(driver, amount)) for amount in amounts]
        batches = [(await driver.effects_of(amount))[driver.operation] for amount in amounts]
        await prove(world.system)
        yield Looked(hits, unread, states, batches, moved)


async def play(world: World, driver: PayPalPayout, amounts: Sequence[int]) -> dict[tuple[str, str], int]:
    """As many payouts at once as there are faults; how often each has struck."""
    faults = {
        (operation, cell.name): await world.fault("paypal", operation, cell.kind, **cell.how)
        for operation in (TOKEN, BATCH)
        for cell in READS
    }
    await some_at_once(start(driver, amount) for amount in amounts)
    await some_at_once(until_sent(driver, amount) for amount in amounts)
    return {named: await world.hits(fault) for named, fault in faults.items()}


async def start(driver: PayPalPayout, amount: int) -> None:
    """Approve it."""
    await driver.start(amount)


async def until_sent(driver: PayPalPayout, amount: int) -> None:
    """Nobody helps: it is sent once what is asked for is answered."""
    await driver.people.until(driver.reports[amount], "sent")


def path_of(driver: PayPalPayout, amount: int) -> str:
    """The report of this amount."""
    return f"/v1/reports/{driver.reports[amount]}"


async def looks_in_vain(world: World, *operations: str) -> dict[tuple[str, str], int]:
    """The daily look once with each fault of each of these; how much it could not read."""
    unread = {}
    for operation in operations:
        for cell in READS:
            await world.fault("paypal", operation, cell.kind, **cell.how)
            unread[operation, cell.name] = (await look(world))["unread"]
    return unread


async def look(world: World) -> dict[str, Any]:
    """What the schedule does each day."""
    house = world.system.house
    report = await PayoutReconciliation(house.database, house.inbox, statements(house.rails), days=DAYS).look()
    return report.model_dump()


def _cells(*operations: str) -> list[Any]:
    return [pytest.param(operation, cell, id=f"{operation}-{cell.name}") for operation in operations for cell in READS]


@pytest.mark.parametrize(("operation", "cell"), _cells(TOKEN, BATCH))
def test_a_fault_of_what_is_read_keeps_no_payout_from_its_end(looked: Looked, operation: str, cell: Cell) -> None:
    assert looked.hits[operation, cell.name] == 1


@pytest.mark.parametrize(("operation", "cell"), _cells(TOKEN, BATCH, PAYMENTS))
def test_a_look_that_cannot_read_says_so_and_moves_nothing(looked: Looked, operation: str, cell: Cell) -> None:
    assert looked.unread[operation, cell.name] == 1
    assert looked.moved == {"sent"}


def test_each_payout_is_one_batch_and_settled(looked: Looked) -> None:
    assert set(looked.batches) == {1}
    assert set(looked.states) == {"settled"}
