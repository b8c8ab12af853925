"""Holds: taken from what is available, then posted or voided exactly once."""

import asyncio
from typing import Any, cast

import pytest

from domain.errors import AccountClosed, HoldAlreadyResolved, InsufficientFunds, LedgerKeyReused, MalformedPosting
from domain.ids import new_id
from tests.ledger.conftest import BANK, TODAY, Books, line


@pytest.fixture
async def rich(books: Books) -> Books:
    await books.deposit(100)
    return books


async def lines_of(books: Books, code: str) -> list[tuple[str, bool, int]]:
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        return [(one.layer, one.releases, one.amount.minor_units) for one in await uow.ledger.statement(code, "USD")]


async def test_a_hold_takes_from_what_is_available_and_not_from_what_is_posted(rich: Books):
    await rich.hold(line(rich.cash, BANK, 60))
    balance = await rich.balance()
    assert (balance.posted.minor_units, balance.held.minor_units, balance.available.minor_units) == (100, 60, 40)
    with pytest.raises(InsufficientFunds):
        await rich.post(line(rich.cash, BANK, 41))
    with pytest.raises(InsufficientFunds):
        await rich.hold(line(rich.cash, BANK, 41))


async def test_a_hold_shows_on_both_accounts(rich: Books):
    await rich.hold(line(rich.cash, BANK, 60))
    assert (await lines_of(rich, rich.cash))[0] == ("held", False, -60)
    assert (await lines_of(rich, BANK))[0] == ("held", False, -60)
    assert (await rich.balance(BANK)).held.minor_units == 60


async def test_money_on_its_way_in_is_not_available(rich: Books):
    await rich.hold(line(BANK, "org:b:cash", 60))
    assert await rich.available("org:b:cash") == 0
    with pytest.raises(InsufficientFunds):
        await rich.post(line("org:b:cash", BANK, 1))


async def test_posting_a_hold_moves_the_money_and_frees_the_hold(rich: Books):
    hold = await rich.hold(line(rich.cash, "org:b:cash", 60))
    await rich.post_hold(hold)
    assert (await rich.posted(), await rich.available(), await rich.posted("org:b:cash")) == (40, 40, 60)
    assert (await lines_of(rich, rich.cash))[:2] == [("posted", False, -60), ("held", True, 60)]


async def test_voiding_a_hold_gives_back_what_was_available(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    await rich.void_hold(hold)
    assert (await rich.posted(), await rich.available()) == (100, 100)
    assert (await rich.balance(BANK)).held.minor_units == 0


async def test_a_resolution_repeated_under_its_key_is_the_same_transaction(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    first = await rich.post_hold(hold, key="p")
    assert await rich.post_hold(hold, key="p") == first
    assert await rich.posted() == 40


async def test_a_hold_repeated_under_its_key_is_the_same_hold_even_after_it_was_resolved(rich: Books):
    owner_id = new_id()
    hold = await rich.hold(line(rich.cash, BANK, 60), key="h", owner_id=owner_id)
    await rich.void_hold(hold)
    assert await rich.hold(line(rich.cash, BANK, 60), key="h", owner_id=owner_id) == hold
    assert await rich.available() == 100
    with pytest.raises(LedgerKeyReused):
        await rich.hold(line(rich.cash, BANK, 60), key="h", owner_id=new_id())


async def test_another_resolution_of_a_resolved_hold_is_refused(rich: Books):
    posted = await rich.hold(line(rich.cash, BANK, 30))
    voided = await rich.hold(line(rich.cash, BANK, 30))
    await rich.post_hold(posted, key="p")
    await rich.void_hold(voided, key="v")
    for resolved in (posted, voided):
        with pytest.raises(HoldAlreadyResolved):
            await rich.post_hold(resolved)
        with pytest.raises(HoldAlreadyResolved):
            await rich.void_hold(resolved)
    with pytest.raises(LedgerKeyReused):
        await rich.void_hold(posted, key="p")
    assert (await rich.posted(), await rich.available()) == (70, 70)


async def test_a_hold_of_several_pairs_is_resolved_whole(rich: Books):
    hold = await rich.hold(line(rich.cash, "org:b:cash", 60), line(rich.cash, BANK, 40))
    assert await rich.available() == 0
    for release_rest in (True, False):
        with pytest.raises(MalformedPosting):
            await rich.post_hold(hold, amount=60, release_rest=release_rest)
    await rich.post_hold(hold)
    assert (await rich.posted(), await rich.posted("org:b:cash"), await rich.posted(BANK)) == (0, 60, 60)
    assert (await rich.check()).first is None


async def test_a_hold_of_several_pairs_is_voided_whole(rich: Books):
    hold = await rich.hold(line(rich.cash, "org:b:cash", 60), line(rich.cash, BANK, 40))
    await rich.void_hold(hold)
    assert (await rich.posted(), await rich.available(), await rich.posted("org:b:cash")) == (100, 100, 0)
    assert (await rich.check()).first is None


async def test_a_part_is_posted_and_the_rest_released(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    await rich.post_hold(hold, amount=45)
    assert (await rich.posted(), await rich.available()) == (55, 55)
    with pytest.raises(HoldAlreadyResolved):
        await rich.post_hold(hold, amount=15)


async def test_parts_are_posted_until_nothing_is_left(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    await rich.post_hold(hold, amount=20, release_rest=False)
    assert (await rich.posted(), await rich.available()) == (80, 40)
    with pytest.raises(MalformedPosting):
        await rich.post_hold(hold, amount=41, release_rest=False)
    await rich.post_hold(hold, amount=30, release_rest=False)
    await rich.void_hold(hold)
    assert (await rich.posted(), await rich.available()) == (50, 50)
    (row,) = await rich.owner.fetch("select posted, released, state from ledger.hold where id = $1", hold)
    assert tuple(row) == (50, 10, "posted")
    assert (await rich.check()).first is None


@pytest.mark.parametrize("amount", [0, -1, 61])
async def test_a_part_is_more_than_nothing_and_at_most_the_hold(rich: Books, amount: int):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    with pytest.raises(MalformedPosting):
        await rich.post_hold(hold, amount=amount)
    assert await rich.available() == 40


async def test_posting_a_hold_passes_closed_accounts_and_an_account_emptied_by_facts(rich: Books):
    hold = await rich.hold(line(rich.cash, "org:b:cash", 60))
    await rich.close_account(rich.cash)
    await rich.close_account("org:b:cash")
    await rich.post(line(rich.cash, BANK, 100), fact=True)
    await rich.post_hold(hold)
    assert (await rich.posted(), await rich.posted("org:b:cash")) == (0, 60)
    assert (await rich.check()).first is None


async def test_a_hold_on_a_closed_account_is_refused_on_either_side(rich: Books):
    await rich.close_account("org:b:cash")
    with pytest.raises(AccountClosed):
        await rich.hold(line(rich.cash, "org:b:cash", 1))
    await rich.close_account(rich.cash)
    with pytest.raises(AccountClosed):
        await rich.hold(line(rich.cash, BANK, 1))


async def test_a_hold_that_does_not_exist_or_is_another_organizations_cannot_be_resolved(rich: Books):
    other = await rich.another()
    await other.deposit(10)
    hold = await other.hold(line(other.cash, BANK, 10))
    for unknown in (hold, new_id()):
        with pytest.raises(MalformedPosting, match="no such hold"):
            await rich.post_hold(unknown)
    assert await other.available() == 0


async def test_a_hold_needs_an_owner(rich: Books):
    async def hold() -> None:
        async with rich.database.unit_of_work(rich.organization_id, actor="test") as uow:
            await uow.ledger.hold(
                "k",
                "test",
                "USD",
                [line(rich.cash, BANK, 1)],
                TODAY,
                owner_kind=cast("Any", "nobody"),
                owner_id=new_id(),
            )

    with pytest.raises(MalformedPosting):
        await hold()


async def test_a_resolution_waits_for_another_under_way_and_then_finds_the_hold_resolved(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    async with rich.database.unit_of_work(rich.organization_id, actor="test") as uow:
        await uow.ledger.post_hold(hold, "first", TODAY)
        second = asyncio.create_task(rich.void_hold(hold))
        await rich.until_waiting(1)
    with pytest.raises(HoldAlreadyResolved):
        await second
    assert await rich.posted() == 40


async def test_of_many_resolutions_at_once_one_wins(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    attempts = [rich.post_hold(hold) for _ in range(8)] + [rich.void_hold(hold) for _ in range(8)]
    ended = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in ended) == 1
    assert all(isinstance(one, HoldAlreadyResolved) for one in ended if isinstance(one, BaseException))
    assert (await rich.check()).first is None


async def test_a_part_that_twins_post_at_once_under_one_key_is_posted_once(rich: Books):
    hold = await rich.hold(line(rich.cash, BANK, 60))
    twins = [rich.post_hold(hold, key="p", amount=20, release_rest=False) for _ in range(8)]
    assert len(set(await asyncio.gather(*twins))) == 1
    assert (await rich.posted(), await rich.available()) == (80, 40)
    assert (await rich.check()).first is None


async def test_what_is_no_hold_cannot_be_resolved_and_leaves_no_trace(rich: Books):
    posting = await rich.post(line(rich.cash, BANK, 10))
    with pytest.raises(MalformedPosting, match="no such hold"):
        await rich.post_hold(posting, key="p")
    assert await rich.post(line(rich.cash, BANK, 1), key="p") != posting
