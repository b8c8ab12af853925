"""Whatever the order in which the gateway's events of one debit are heard, and however often: one end, one ledger."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.engine import Database
from db.tables.ach_return import ach_return
from settings import Settings
from tests.returns.desk import Desk

EVENTS = ("originated", "settled", "R01", "R68", "R73")


async def test_any_order_of_one_debits_events_ends_the_same(database: Database) -> None:
    desk = await Desk(database, Settings()).open()
    loop = asyncio.get_running_loop()

    async def play(order: list[str], pause_after: int) -> None:
        before, entry = await desk.balances(), await desk.entry()
        for number, event in enumerate(order):
            if event in ("originated", "settled"):
                await desk.moved(entry, event)
            else:
                await desk.hear(desk.notice(entry, event), f"returns/{entry.tran_nbr}/{event}")
            if number == pause_after:
                await desk.process()
        await desk.process(4)
        transaction = await desk.transaction(entry.id)
        told = await desk.rows(ach_return, ach_return.c.transaction_id == entry.id)
        account = await desk.account_row(entry.account_id)
        assert (transaction["ach_state"], transaction["return_code"]) == ("contested", "R01")
        assert transaction["settled_at"] is not None
        assert sorted((row["code"], row["state"]) for row in told) == [
            ("R01", "decided"),
            ("R68", "decided"),
            ("R73", "decided"),
        ]
        assert (account["return_count"], account["is_active"]) == (1, True)
        assert await desk.balances() == before, "settled and returned cancel out, in whatever order"

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        st.permutations(EVENTS),
        st.lists(st.sampled_from(EVENTS), max_size=2),
        st.integers(min_value=0, max_value=4),
    )
    def permuted(order: list[str], repeats: list[str], pause_after: int) -> None:
        asyncio.run_coroutine_threadsafe(play([*order, *repeats], pause_after), loop).result()

    await asyncio.to_thread(permuted)
