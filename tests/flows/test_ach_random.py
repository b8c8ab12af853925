"""Random sequences of everything that happens to ACH entries: no double effect, no illegal state.

The seed is printed. `TEST_SEED=<seed>` walks the same ways again.
"""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import httpx
import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from activities.house import open_house
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from services.operators import add_operator
from tests.conftest import fresh_database, system_settings
from tests.faults.world import changed
from tests.flows.ach_walk import Walk
from tests.opening import fresh_sandbox

OFTEN = ("debit", "debit", "void", "refund", "payout", "return", "lose", "day", "day")
STEPS = (*OFTEN, "charge", "correct", "find_out", "account")
FIRST = (
    ("account", 0),
    ("charge", 0),
    ("charge", 1),
    ("debit", 1),
    ("day", 3),
    ("correct", 1),
    ("return", 0),
    ("day", 3),
)
"""How every walk begins, so that none is without a revoked authorization, a correction, and a debit sent again."""
WALKS = 6
QUICK = {"send_window_seconds": 0.3, "find_first_seconds": 0.05, "find_longest_seconds": 0.1}


@pytest.mark.slow
def test_ledger_rows_and_gateway_tell_the_same_after_any_walk(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, seed: str
) -> None:
    @hypothesis.seed(int(seed))
    @tried(max_examples=WALKS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 100_000)), min_size=8, max_size=25))
    def walks(steps: list[tuple[str, int]]) -> None:
        runner.run(_play(walk, steps))

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        walk = runner.run(_open(stack, migrated, temporal.address))
        try:
            walks()
        finally:
            runner.run(stack.aclose())
    assert {"debit", "return", "charge", "revoke", "correct", "corrected", "sent again"} <= set(walk.did), walk.did


async def _open(stack: AsyncExitStack, server: EmbeddedPostgres, temporal_address: str) -> Walk:
    """One system for all walks: each begins where the one before came to rest."""
    name = await stack.enter_async_context(fresh_database(server))
    sandbox = await stack.enter_async_context(fresh_sandbox())
    settings = changed(
        system_settings(server, temporal_address, name, sandbox),
        money_call=QUICK,
        epx={"settling_delay_seconds": 0.1, "reinitiate_after_banking_days": 1},
    )
    house = await stack.enter_async_context(open_house(settings))
    added = await add_operator(house.database, organization="Walk", name="Ada", email="a@example.test", actor="test")
    owner = await asyncpg.connect(server.url(name).replace("+asyncpg", ""))
    stack.push_async_callback(owner.close)
    control = httpx.AsyncClient(base_url=sandbox.addresses["control"])
    await stack.enter_async_context(control)
    return await Walk(house, added.organization_id, control, owner).open(stack)


async def _play(walk: Walk, steps: list[tuple[str, int]]) -> None:
    for step, number in [*FIRST, *steps]:
        await walk.step(step, number)
    await walk.end()
