"""Posting: balanced pairs, once per key, within floors."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from domain.errors import (
    AccountClosed,
    InsufficientFunds,
    LedgerKeyReused,
    OrganizationMismatch,
    UnknownAccount,
)
from tests.ledger.conftest import BANK, TODAY, Books, line


async def test_a_posting_moves_both_accounts_each_towards_its_normal_side(books: Books):
    await books.deposit(100_00)
    assert await books.posted(BANK) == 100_00
    assert await books.posted() == 100_00
    await books.post(line(books.cash, BANK, 30_00))
    assert await books.posted(BANK) == 70_00
    assert await books.posted() == 70_00


async def test_a_posting_of_several_pairs_is_one_transaction_and_nets_within_itself(books: Books):
    await books.deposit(10_00)
    await books.post(
        line(books.cash, "org:b:cash", 15_00), line("org:c:cash", books.cash, 5_00), line(BANK, "org:c:cash", 5_00)
    )
    assert (await books.posted(), await books.posted("org:b:cash"), await books.posted("org:c:cash")) == (0, 15_00, 0)
    assert (await books.check()).first is None


async def test_the_same_key_with_the_same_content_is_the_same_transaction(books: Books):
    first = await books.post(line(BANK, books.cash, 5), key="payout/1/pay")
    assert await books.post(line(BANK, books.cash, 5), key="payout/1/pay") == first
    assert await books.posted() == 5


@pytest.mark.parametrize(
    "other",
    [
        {"lines": [line(BANK, "org:a:cash", 6)]},
        {"lines": [line(BANK, "org:b:cash", 5)]},
        {"kind": "other"},
        {"currency": "EUR"},
        {"day": TODAY.replace(day=21)},
        {"description": "other"},
        {"fact": True},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_the_same_key_with_other_content_is_refused(books: Books, other: dict[str, Any]):
    await books.post(line(BANK, books.cash, 5), key="k")
    lines = other.pop("lines", [line(BANK, books.cash, 5)])
    with pytest.raises(LedgerKeyReused, match="the key k"):
        await books.post(*lines, key="k", **other)
    assert await books.posted() == 5


async def test_two_organizations_may_use_the_same_key(books: Books):
    other = await books.another()
    assert await books.post(line(BANK, books.cash, 5), key="k") != await other.post(line(BANK, books.cash, 7), key="k")
    assert (await books.posted(), await other.posted()) == (5, 7)


async def test_twenty_connections_with_one_key_book_once(books: Books):
    made = await asyncio.gather(*(books.post(line(BANK, books.cash, 5), key="k") for _ in range(20)))
    assert len(set(made)) == 1
    assert await books.posted() == 5


async def test_an_account_gives_all_it_has_and_no_more(books: Books):
    await books.deposit(100_00)
    with pytest.raises(
        InsufficientFunds, match=r"account org:a:cash has 10000 available, 10001 asked \(USD minor units\)"
    ):
        await books.post(line(books.cash, BANK, 100_01))
    await books.post(line(books.cash, BANK, 100_00))
    assert await books.posted() == 0


async def test_a_refused_posting_leaves_nothing_and_its_key_may_be_tried_again(books: Books):
    with pytest.raises(InsufficientFunds):
        await books.post(line(books.cash, BANK, 1), key="k")
    for table in ("ledger.transaction", "ledger.entry", "ledger.account", "audit.entry"):
        left = f"select count(*) from {table} where organization_id = $1"
        assert await books.owner.fetchval(left, books.organization_id) == 0
    await books.deposit(1)
    await books.post(line(books.cash, BANK, 1), key="k")
    assert await books.posted() == 0


async def test_an_account_without_a_floor_may_go_below_zero(books: Books):
    await books.post(line("org:a:uncleared", BANK, 5))
    assert await books.posted("org:a:uncleared") == -5


@pytest.mark.parametrize(
    "code", ["nobody:1:cash", "org:cash", "org::cash", "org:a:b:cash", "Org:a:cash", "org:a b:cash", "org:a:cash\n", ""]
)
async def test_an_account_that_the_chart_does_not_know_is_refused(books: Books, code: str):
    with pytest.raises(UnknownAccount):
        await books.post(line(BANK, code, 5))


async def test_the_most_literal_pattern_of_the_chart_rules_an_account(books: Books):
    adding = books.owner.transaction()
    await adding.start()
    await books.owner.execute(
        "insert into ledger.chart values ('org:*:*', 'credit', null, 'checked', 'a'),"
        " ('org:savings:cash', 'credit', 0, 'checked', 'b')"
    )
    expected = {"org:1:cash": "org:*:cash", "org:1:x": "org:*:*", "org:savings:cash": "org:savings:cash"}
    for code, pattern in expected.items():
        assert await books.owner.fetchval("select (ledger.rule_for($1)).pattern", code) == pattern
    await adding.rollback()


@pytest.mark.parametrize(
    "entries",
    [
        "[]",
        "{}",
        "null",
        '"x"',
        "[1]",
        "[null]",
        '[{"debit": "external:bank", "credit": "org:a:cash"}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": null}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": 0}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": -5}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": 5.5}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": 5.0}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": "5"}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": true}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": 1e15}]',
        '[{"debit": "external:bank", "credit": "org:a:cash", "amount": 5, "layer": "held"}]',
        '[{"debit": "external:bank", "credit": "external:bank", "amount": 5}]',
        '[{"debit": 1, "credit": "org:a:cash", "amount": 5}]',
        '[{"debit": "external:bank", "credit": null, "amount": 5}]',
        json.dumps([{"debit": BANK, "credit": "org:a:cash", "amount": 1}] * 1001),
    ],
)
async def test_malformed_entries_are_refused(books: Books, plain: "asyncpg.Connection", entries: str):
    with pytest.raises(asyncpg.PostgresError) as refused:
        await plain.fetchval(
            "select ledger.post($1, 'k', 'test', 'USD', $2::jsonb, $3)", books.organization_id, entries, TODAY
        )
    assert refused.value.sqlstate == "BL006"


@pytest.mark.parametrize(
    ("key", "kind", "currency", "day"),
    [
        ("", "test", "USD", TODAY),
        (None, "test", "USD", TODAY),
        ("k" * 201, "test", "USD", TODAY),
        ("k", "", "USD", TODAY),
        ("k", None, "USD", TODAY),
        ("k", "k" * 81, "USD", TODAY),
        ("k", "test", "usd", TODAY),
        ("k", "test", None, TODAY),
        ("k", "test", "USD", None),
    ],
)
async def test_a_posting_without_key_kind_currency_or_date_is_refused(
    books: Books, plain: "asyncpg.Connection", key, kind, currency, day
):
    entries = json.dumps([{"debit": BANK, "credit": books.cash, "amount": 1}])
    with pytest.raises(asyncpg.PostgresError) as refused:
        await plain.fetchval(
            "select ledger.post($1, $2, $3, $4, $5::jsonb, $6)",
            books.organization_id,
            key,
            kind,
            currency,
            entries,
            day,
        )
    assert refused.value.sqlstate == "BL006"


async def test_a_thousand_pairs_are_one_posting(books: Books):
    await books.post(*(line(BANK, f"org:o{n % 300}:cash", 1) for n in range(1000)))
    assert await books.posted(BANK) == 1000
    assert (await books.check()).first is None


async def test_currencies_do_not_mix(books: Books):
    await books.deposit(5)
    with pytest.raises(InsufficientFunds):
        await books.post(line(books.cash, BANK, 5), currency="EUR")


async def test_a_closed_account_takes_no_posting_of_our_own_will(books: Books):
    await books.deposit(5)
    await books.close_account(books.cash)
    await books.close_account(BANK)
    for refused in (line(BANK, books.cash, 1), line(books.cash, "org:b:cash", 1), line(BANK, "org:b:cash", 1)):
        with pytest.raises(AccountClosed):
            await books.post(refused)
    assert await books.posted() == 5


async def test_another_organizations_books_are_out_of_reach(books: Books, plain: "asyncpg.Connection"):
    other = await books.another()
    entries = json.dumps([{"debit": BANK, "credit": books.cash, "amount": 1}])
    post = "select ledger.post($1, 'k', 'test', 'USD', $2::jsonb, $3)"
    with pytest.raises(asyncpg.PostgresError) as refused:
        await plain.fetchval(post, other.organization_id, entries, TODAY)
    assert refused.value.sqlstate == OrganizationMismatch.sqlstate
    await plain.execute("select set_config('bursar.organization_id', '', false)")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await plain.fetchval(post, other.organization_id, entries, TODAY)
    assert refused.value.sqlstate == OrganizationMismatch.sqlstate
    async with plain.transaction():
        await plain.execute("set local role bursar_system")
        await plain.fetchval(post, other.organization_id, entries, TODAY)
    assert await other.posted() == 1


async def test_an_organization_that_does_not_exist_has_no_books(books: Books):
    ghost = Books(books.database, books.owner, books.app_url)
    with pytest.raises(OrganizationMismatch):
        await ghost.deposit(1)


async def test_nobody_commits_half_of_a_unit_of_work(books: Books):
    async def post_and_fail() -> None:
        async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
            await uow.ledger.post("half", "test", "USD", [line(BANK, books.cash, 5)], TODAY)
            await uow.connection.commit()
            await uow.ledger.post("rest", "test", "USD", [line(books.cash, BANK, 6)], TODAY)

    with pytest.raises(InsufficientFunds):
        await post_and_fail()
    assert await books.posted() == 0


async def test_a_ledger_call_outside_of_a_transaction_is_refused(books: Books):
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        ledger = uow.ledger
        await (await uow.driver()).execute("commit")
        with pytest.raises(RuntimeError, match="outside of the unit of work"):
            await ledger.post("k", "test", "USD", [line(BANK, books.cash, 1)], TODAY)
