"""What the gateway tells wakes an entry that is under way, and starts no further run of one that is over."""

from tests.returns.desk import Desk, Entry
from tests.wakes import wakes


async def _woken(desk: Desk, debit: Entry) -> int:
    await desk.process()
    return await wakes(desk.database, desk.organization_id, f"ach-debit/{debit.id}")


async def test_an_entry_is_woken_until_it_is_over_and_not_by_what_comes_later(desk: Desk) -> None:
    debit = await desk.entry()
    await desk.moved(debit, "originated")
    assert await _woken(desk, debit) == 1
    await desk.moved(debit, "settled")
    assert await _woken(desk, debit) == 2, "its end is shown by its run"
    await desk.hear(desk.notice(debit, "R09"))
    assert await _woken(desk, debit) == 2, "its run has ended, and the inbox has done what follows"
    assert (await desk.transaction(debit.id))["ach_state"] == "returned"


async def test_an_entry_that_comes_back_before_it_settles_is_woken(desk: Desk) -> None:
    debit = await desk.entry()
    await desk.hear(desk.notice(debit, "R09"))
    assert await _woken(desk, debit) == 1
