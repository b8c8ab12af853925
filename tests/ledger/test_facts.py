"""What a rail reports is always booked; what an account cannot bear is owed by its owner, and a person is told."""

import asyncio
import json
from typing import Any

import pytest

from domain.errors import MalformedPosting
from tests.ledger.conftest import BANK, Books, line

OWED = "receivable:org:a:cash"


async def cases(books: Books) -> list[tuple[str, list[dict[str, Any]]]]:
    rows = await books.owner.fetch(
        "select c.kind, c.evidence, a.code from case_file c join ledger.account a on a.id = c.subject_id::bigint"
        " where c.subject_kind = 'ledger_account' and c.organization_id = $1 order by opened_at",
        books.organization_id,
    )
    return [(row["code"], json.loads(row["evidence"])) for row in rows if row["kind"] == "receivable"]


async def test_a_fact_within_the_balance_is_a_plain_posting(books: Books):
    await books.deposit(100)
    await books.post(line(books.cash, BANK, 100), fact=True)
    assert await books.posted() == 0
    assert await books.posted(OWED) == 0
    assert await cases(books) == []


async def test_what_the_account_cannot_bear_becomes_a_receivable_with_a_case(books: Books):
    await books.deposit(100)
    made = await books.post(line(books.cash, BANK, 130), key="return/1", fact=True)
    assert (await books.posted(), await books.posted(OWED), await books.posted(BANK)) == (0, 30, -30)
    ((account, (evidence,)),) = await cases(books)
    assert account == books.cash
    assert evidence == {
        "transaction_id": str(made),
        "account": books.cash,
        "amount": 30,
        "currency": "USD",
        "key": "return/1",
        "kind": "test",
    }
    assert (await books.check()).first is None


async def test_a_repeated_fact_is_booked_once_and_opens_one_case(books: Books):
    first = await books.post(line(books.cash, BANK, 30), key="k", fact=True)
    assert await books.post(line(books.cash, BANK, 30), key="k", fact=True) == first
    assert await books.posted(OWED) == 30
    ((_, evidence),) = await cases(books)
    assert len(evidence) == 1


async def test_a_second_shortage_adds_to_the_open_case(books: Books):
    await books.post(line(books.cash, BANK, 30), fact=True)
    await books.post(line(books.cash, BANK, 5), fact=True)
    assert await books.posted(OWED) == 35
    ((_, evidence),) = await cases(books)
    assert [part["amount"] for part in evidence] == [30, 5]


async def test_a_fact_does_not_touch_what_is_held(books: Books):
    await books.deposit(100)
    hold = await books.hold(line(books.cash, BANK, 70))
    await books.post(line(books.cash, BANK, 50), fact=True)
    assert await books.posted(OWED) == 20
    assert await books.available() == 0
    await books.post_hold(hold)
    assert await books.posted() == 0
    assert (await books.check()).first is None


async def test_the_last_debits_of_a_fact_give_way_first(books: Books):
    await books.deposit(100)
    await books.post(
        line(books.cash, BANK, 60), line(books.cash, "org:b:cash", 30), line(books.cash, "org:c:cash", 30), fact=True
    )
    booked = await books.owner.fetch(
        "select d.code as debit, c.code as credit, e.amount from ledger.entry e"
        " join ledger.account d on d.id = e.debit_account join ledger.account c on c.id = e.credit_account"
        " join ledger.transaction t on t.id = e.transaction_id where t.operation = 'fact' and t.organization_id = $1"
        " order by e.n",
        books.organization_id,
    )
    assert [tuple(row) for row in booked] == [
        (books.cash, BANK, 60),
        (books.cash, "org:b:cash", 30),
        (books.cash, "org:c:cash", 10),
        (OWED, "org:c:cash", 20),
    ]
    assert (await books.check()).first is None


async def test_what_a_fact_brings_counts_before_what_it_takes(books: Books):
    await books.post(line(books.cash, "org:b:cash", 40), line(BANK, books.cash, 25), fact=True)
    assert (await books.posted(), await books.posted(OWED), await books.posted("org:b:cash")) == (0, 15, 40)


async def test_a_fact_short_on_two_accounts_opens_a_case_for_each(books: Books):
    await books.post(line(books.cash, BANK, 4), line("org:b:cash", BANK, 5), fact=True)
    assert [account for account, _ in await cases(books)] == [books.cash, "org:b:cash"]
    assert (await books.posted(OWED), await books.posted("receivable:org:b:cash")) == (4, 5)


async def test_a_closed_account_takes_facts(books: Books):
    await books.deposit(10)
    await books.close_account(books.cash)
    await books.close_account(BANK)
    await books.post(line(books.cash, BANK, 15), fact=True)
    await books.post(line(BANK, books.cash, 3), fact=True)
    assert (await books.posted(), await books.posted(OWED)) == (3, 15 - 10)


async def test_collecting_a_receivable_is_our_own_will(books: Books):
    await books.post(line(books.cash, BANK, 30), fact=True)
    with pytest.raises(MalformedPosting):
        await books.post(line(books.cash, OWED, 30), fact=True)
    await books.deposit(40)
    await books.post(line(books.cash, OWED, 30))
    assert (await books.posted(), await books.posted(OWED)) == (10, 0)


async def test_the_longest_account_code_has_a_receivable(books: Books):
    code = f"org:{'x' * 191}:cash"
    assert len(code) == 200
    await books.post(line(code, BANK, 1), fact=True)
    assert await books.posted(f"receivable:{code}") == 1


async def test_facts_racing_for_the_same_money_take_it_once(books: Books):
    await books.deposit(100)
    await asyncio.gather(*(books.post(line(books.cash, BANK, 30), fact=True) for _ in range(10)))
    assert (await books.posted(), await books.posted(OWED)) == (0, 200)
    assert (await books.check()).first is None
