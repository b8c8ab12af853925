"""Proving the books: sound ones pass, and one tampered row is found and named."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.ledger.checks import PROOFS
from db.ledger.checks.conservation import sums_are_zero
from db.ledger.partner_book import PartnerBook
from db.ledger.partner_books import explains
from db.ledger.report import Difference, NotComparable
from domain.ids import new_id
from tests.ledger.conftest import BANK, Books, Owner, line, open_books


@pytest.fixture(scope="module")
def used_database(migrated: EmbeddedPostgres) -> str:
    """A database whose books have every kind of row in them; tests roll back what they do to it."""

    async def use() -> None:
        server = await asyncpg.connect(migrated.url("postgres").replace("+asyncpg", ""))
        await server.execute("create database test_check template template_bursar strategy file_copy")
        await server.close()
        async with open_books(migrated, "test_check") as books:
            await books.deposit(100)
            await books.post_hold(await books.hold(line(books.cash, BANK, 40)), amount=30, release_rest=False)
            await books.void_hold(await books.hold(line(books.cash, "org:b:cash", 7)))
            await books.post(line(books.cash, BANK, 70), fact=True)
            await books.close_account("org:b:cash")
            await books.fold()
            await books.deposit(5)

    asyncio.run(use())
    return "test_check"


@pytest.fixture
async def owner(migrated: EmbeddedPostgres, used_database: str) -> AsyncIterator[Owner]:
    """The superuser, with the triggers off, in a transaction that is rolled back."""
    connection = await asyncpg.connect(migrated.url(used_database).replace("+asyncpg", ""))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("set local session_replication_role = replica")
    yield connection
    await transaction.rollback()
    await connection.close()


async def tamper(owner: Owner, statement: str) -> None:
    """Change rows as nobody may."""
    done = await owner.execute(statement)
    assert not done.endswith(" 0"), f"nothing to tamper with: {statement}"


async def first_difference(owner: Owner) -> Difference | None:
    for prove in PROOFS:
        if differences := await prove(owner):
            return differences[0]
    return None


async def test_sound_books_have_no_difference(owner: Owner):
    assert await first_difference(owner) is None


FIRST = "(select id from ledger.transaction where key = 'key/0')"
CASH = "(select id from ledger.account where code = 'org:a:cash')"
BANKED = "(select id from ledger.account where code = 'external:bank')"


@pytest.mark.parametrize(
    ("statement", "proof", "subject"),
    [
        (f"update ledger.entry set amount = 101 where transaction_id = {FIRST}", "audit", "transaction {first}"),
        (f"update ledger.entry set debit_account = 99 where transaction_id = {FIRST}", "audit", "transaction {first}"),
        (f"update ledger.entry set layer = 'held' where transaction_id = {FIRST}", "audit", "transaction {first}"),
        (f"update ledger.entry set currency = 'EUR' where transaction_id = {FIRST}", "audit", "transaction {first}"),
        (f"update ledger.entry set effective_date = '2020-01-01' where transaction_id = {FIRST}", "audit", "{first}"),
        (f"update ledger.entry set recorded_at = now() where transaction_id = {FIRST}", "audit", "{first}"),
        (f"update ledger.entry set xid = '5' where transaction_id = {FIRST}", "audit", "{first}"),
        (f"delete from ledger.entry where transaction_id = {FIRST}", "audit", "transaction {first}"),
        (f"delete from ledger.transaction where id = {FIRST}", "audit", "transaction {first}"),
        ("update ledger.transaction set key = 'x' where key = 'key/0'", "audit", "transaction {first}"),
        ("update ledger.transaction set kind = 'x' where key = 'key/0'", "audit", "transaction {first}"),
        ("update ledger.transaction set description = 'x' where key = 'key/0'", "audit", "transaction {first}"),
        ("update ledger.transaction set operation = 'fact' where key = 'key/0'", "audit", "transaction {first}"),
        ("update ledger.transaction set effective_date = '2020-01-01' where key = 'key/0'", "audit", "{first}"),
        ("update ledger.transaction set organization_id = uuidv7() where key = 'key/0'", "audit", "{first}"),
        ("update audit.entry set detail = '{}' where id = 1", "audit", "transaction {first}"),
        ("delete from audit.entry where id = 1", "audit", "transaction {first}"),
        (f"update ledger.balance set posted = posted + 1 where account_id = {CASH}", "balances", "org:a:cash"),
        (
            f"update ledger.balance set held = held + 1, floor = null where account_id = {CASH}",
            "balances",
            "org:a:cash",
        ),
        (f"delete from ledger.balance where account_id = {CASH}", "balances", "account org:a:cash"),
        (f"update ledger.balance set floor = -9 where account_id = {CASH}", "floors", "account org:a:cash"),
        ("update ledger.balance set closed = false where closed", "floors", "account org:b:cash"),
        (f"update ledger.account set closed_at = now() where id = {CASH}", "floors", "account org:a:cash"),
        (f"update ledger.account set floor = -9 where id = {CASH}", "floors", "account org:a:cash"),
        (f"update ledger.account set code = 'org:z:cash' where id = {CASH}", "audit", "transaction {first}"),
        (
            f"update ledger.account set normal = 'debit', floor = null where id = {CASH}",
            "balances",
            "account org:a:cash",
        ),
        (f"update ledger.account set currency = 'EUR' where id = {CASH}", "entries name", "transaction {first}"),
        (f"delete from ledger.account where id = {CASH}", "audit", "transaction {first}"),
        (f"update ledger.folded set posted = posted + 1 where account_id = {BANKED}", "folded", "account"),
        (f"delete from ledger.folded where account_id = {BANKED}", "folded", "account"),
        (f"update ledger.folded_day set posted = 1 where account_id = {BANKED}", "folded", "on 2026-11-20"),
        ("update ledger.fold_state set watermark = '5'", "folded", "account"),
        ("update ledger.hold set posted = 31 where state = 'open'", "holds equal", "hold"),
        ("update ledger.hold set amount = 41 where state = 'open'", "holds equal", "hold"),
        ("update ledger.hold set amount = 30, state = 'posted' where state = 'open'", "holds equal", "hold"),
        ("delete from ledger.hold where state = 'open'", "holds equal", "hold"),
        ("update ledger.hold set owner_kind = 'money_call' where state = 'open'", "holds belong", "hold"),
    ],
)
async def test_one_tampered_row_is_found_and_named(owner: Owner, statement: str, proof: str, subject: str):
    first = await owner.fetchval(f"select {FIRST}")
    await tamper(owner, statement)
    found = await first_difference(owner)
    assert found is not None
    assert found.proof.startswith(proof)
    assert subject.format(first=first) in found.subject
    assert found.expected != found.found


async def test_a_line_without_its_account_unbalances_the_sums(owner: Owner):
    assert await sums_are_zero(owner) == []
    await tamper(owner, f"update ledger.entry set debit_account = 99 where transaction_id = {FIRST}")
    (found,) = await sums_are_zero(owner)
    assert found.subject.startswith("layer posted in USD of organization ")
    assert (found.expected, found.found) == ("0", "-100")


async def test_an_inserted_transaction_is_found(owner: Owner):
    await tamper(
        owner,
        "insert into ledger.transaction select uuidv7(), organization_id, 'forged', request_hash, operation, kind,"
        f" description, resolves, effective_date, recorded_at, xid from ledger.transaction where id = {FIRST}",
    )
    forged = await owner.fetchval("select id from ledger.transaction where key = 'forged'")
    found = await first_difference(owner)
    assert found is not None
    assert found.subject == f"transaction {forged}"


async def test_a_key_used_twice_is_found_whatever_the_index_believes(owner: Owner):
    await owner.execute("alter table ledger.transaction drop constraint transaction_organization_id_key_key")
    await tamper(owner, "update ledger.transaction set key = 'key/0' where key = 'key/1'")
    found = await first_difference(owner)
    assert found is not None
    assert found.subject.startswith("key key/0 of organization ")
    assert (found.expected, found.found) == ("1", "2")


async def test_a_checkpoint_that_was_changed_is_found(owner: Owner):
    await owner.execute(
        f"insert into ledger.checkpoint select account_id, now(), organization_id, watermark, watermark, posted, held"
        f" from ledger.folded, ledger.fold_state where account_id = {BANKED}"
    )
    assert await first_difference(owner) is None
    await tamper(owner, "update ledger.checkpoint set posted = posted + 1")
    found = await first_difference(owner)
    assert found is not None
    assert found.subject.startswith("checkpoint of account")


async def test_checking_sees_every_organization_and_says_what_it_proved(lone_books: Books):
    other = await lone_books.another()
    await other.deposit(5)
    report = await lone_books.check()
    assert report.first is None
    assert report.proofs[0] == "one transaction per key"
    assert len(report.proofs) == len(PROOFS) + 1
    await lone_books.owner.execute("update ledger.balance set posted = 6")
    first = (await lone_books.check()).first
    assert str(first) == (
        "balances equal entries: account org:a:cash USD: expected 5 posted, 0 held, found 6 posted, 0 held"
    )


async def test_a_hold_of_a_money_call_that_does_not_exist_is_found(lone_books: Books):
    await lone_books.deposit(5)
    await lone_books.hold(line(lone_books.cash, BANK, 5), owner_kind="money_call")
    first = (await lone_books.check()).first
    assert first is not None
    assert first.proof == "holds belong to open owners"


async def test_a_partners_book_may_differ_by_what_open_calls_hold_and_by_nothing_else(lone_books: Books):
    await lone_books.deposit(100)
    for amount in (10, 25):
        await lone_books.hold(line(lone_books.cash, BANK, amount), owner_kind="money_call")
    reserved = await lone_books.hold(line(lone_books.cash, BANK, 3), owner_kind="reservation")

    async def differs(balance: int) -> bool:
        book = PartnerBook("bank", "house account", "USD", balance, (BANK,), lone_books.organization_id)
        report = await lone_books.check(book)
        return any(one.proof == "partner books agree" for one in report.differences)

    assert [balance for balance in range(60, 105) if await differs(balance) is False] == [65, 75, 90, 100]
    await lone_books.void_hold(reserved)
    assert await differs(97)


async def test_a_partners_book_stands_for_all_accounts_of_its_patterns(lone_books: Books):
    family = new_id()
    await lone_books.post(
        line("program:p:funds", f"family:{family}:wallet:unassigned", 30),
        line("program:p:funds", f"family:{family}:wallet:{new_id()}", 12),
        line("program:p:funds", f"family:{new_id()}:wallet:unassigned", 7),
    )
    for balance, sound in ((42, True), (49, False), (30, False)):
        book = PartnerBook("chek", "wallet", "USD", balance, (f"family:{family}:wallet:*",))
        assert ((await lone_books.check(book)).first is None) is sound


async def test_a_book_that_cannot_be_compared_is_said_aloud(lone_books: Books):
    report = await lone_books.check(NotComparable("epx", "batch", "the gateway has no list"))
    assert report.first is None
    assert report.not_comparable == (NotComparable("epx", "batch", "the gateway has no list"),)


def test_sums_of_open_calls_are_told_apart_until_there_are_too_many():
    assert explains(0, [])
    assert not explains(1, [])
    assert explains(-3, [2, -3, 5])
    assert not explains(1, [2, 5, 9])
    many = [2**n for n in range(40)]
    assert explains(2**39 + 5, many)
    assert not explains(2**40, many)
