"""Many connections at once: what is affordable passes, and opposite movements do not block each other."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.errors import AccountClosed, InsufficientFunds
from tests.ledger.conftest import BANK, TODAY, Books, line


def outcomes(ended: Sequence[object]) -> tuple[int, int]:
    """How many passed and how many were refused for want of funds; anything else fails the test."""
    refused = [one for one in ended if isinstance(one, InsufficientFunds)]
    passed = [one for one in ended if not isinstance(one, BaseException)]
    assert len(refused) + len(passed) == len(ended), ended
    return len(passed), len(refused)


async def test_twenty_connections_racing_for_the_last_hundred_let_exactly_the_affordable_ones_through(books: Books):
    await books.deposit(100_00)
    ended = await asyncio.gather(
        *(books.post(line(books.cash, BANK, 12_50)) for _ in range(20)), return_exceptions=True
    )
    assert outcomes(ended) == (8, 12)
    assert await books.available() == 0
    assert (await books.check()).first is None


async def test_holds_and_postings_racing_for_the_same_money_share_it_exactly(books: Books):
    await books.deposit(100_00)
    attempts = [books.hold(line(books.cash, BANK, 10_00)) for _ in range(10)]
    attempts += [books.post(line(books.cash, "org:b:cash", 10_00)) for _ in range(10)]
    ended = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes(ended) == (10, 10)
    assert await books.available() == 0
    assert (await books.check()).first is None


async def test_opposite_transfers_between_the_same_accounts_do_not_deadlock(books: Books):
    await books.deposit(100_00)
    await books.deposit(100_00, "org:b:cash")
    ended = await asyncio.gather(
        *(
            books.post(line(*((books.cash, "org:b:cash") if n % 2 else ("org:b:cash", books.cash)), 1_00))
            for n in range(40)
        ),
        return_exceptions=True,
    )
    assert outcomes(ended) == (40, 0)
    assert (await books.posted(), await books.posted("org:b:cash")) == (100_00, 100_00)


async def test_first_postings_that_open_the_same_accounts_do_not_deadlock(books: Books):
    accounts = [f"org:{letter}:uncleared" for letter in "abcdef"]
    ended = await asyncio.gather(
        *(books.post(*(line(one, BANK, 1) for one in (accounts if n % 2 else reversed(accounts)))) for n in range(20)),
        return_exceptions=True,
    )
    assert outcomes(ended) == (20, 0)
    assert (await books.check()).first is None


async def test_an_account_that_everybody_touches_is_never_waited_for(books: Books):
    await books.deposit(1)
    async with (
        books.database.unit_of_work(books.organization_id, actor="one") as one,
        books.database.unit_of_work(books.organization_id, actor="two") as two,
    ):
        await one.ledger.post("one", "test", "USD", [line(BANK, "org:b:cash", 1)], TODAY)
        await asyncio.wait_for(two.ledger.post("two", "test", "USD", [line(BANK, "org:c:cash", 1)], TODAY), 2)
        # each sees its own posting and not the other's
        assert (await one.ledger.balance(BANK, "USD")).posted.minor_units == 2
        assert (await two.ledger.balance(BANK, "USD")).posted.minor_units == 2
    assert await books.posted(BANK) == 3


async def test_closing_an_account_waits_for_what_is_under_way_and_stops_what_comes_after(books: Books):
    await books.deposit(10)
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        await uow.ledger.post("k", "test", "USD", [line(books.cash, BANK, 1)], TODAY)
        closing = asyncio.create_task(books.close_account(books.cash))
        await books.until_waiting(1)
        late = asyncio.create_task(books.post(line(books.cash, BANK, 1)))
        await books.until_waiting(2)
    # both wait for the same row, and either may have it first
    _, ended = await asyncio.gather(closing, late, return_exceptions=True)
    refused = getattr(ended, "code", None)
    assert refused in (None, "account_closed")
    assert await books.posted() == (9 if refused else 8)
    with pytest.raises(AccountClosed):
        await books.post(line(books.cash, BANK, 1))
