"""Folding: an account that everybody touches has the same balance before, during and after, however it is read."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from domain.money import Money
from tests.ledger.conftest import BANK, TODAY, Books, line


@pytest.fixture
def books(lone_books: Books) -> Books:
    """These tests look at whole tables."""
    return lone_books


async def test_folding_changes_no_balance(books: Books):
    for amount in (5, 7, 11):
        await books.deposit(amount)
    await books.hold(line(books.cash, BANK, 6))
    before = await books.balance(BANK)
    assert await books.fold() == 4
    (folded,) = await books.owner.fetch(
        "select posted, held from ledger.folded f join ledger.account a on a.id = f.account_id where code = $1", BANK
    )
    assert tuple(folded) == (23, 6)
    assert await books.balance(BANK) == before
    assert await books.fold() == 0
    await books.deposit(1)
    assert (await books.posted(BANK), (await books.balance(BANK)).held.minor_units) == (24, 6)
    assert (await books.check()).first is None


async def test_what_commits_late_is_folded_later_and_never_skipped(books: Books):
    await books.deposit(100)
    async with books.database.unit_of_work(books.organization_id, actor="late") as late:
        await late.ledger.post("late", "test", "USD", [line(BANK, "org:b:cash", 1)], TODAY)
        await books.deposit(10)
        assert await books.fold() == 1
        assert await books.posted(BANK) == 110
    assert await books.posted(BANK) == 111
    assert await books.fold() == 2
    assert await books.posted(BANK) == 111
    assert (await books.check()).first is None


async def test_balances_stay_exact_while_many_post_and_one_folds(books: Books):
    done = asyncio.Event()

    async def fold() -> int:
        folded = 0
        while not done.is_set():
            folded += await books.fold()
        return folded

    async def read() -> None:
        connection = await books.connect()
        while not done.is_set():
            async with connection.transaction(isolation="repeatable_read"):
                exact = await connection.fetchval(
                    "select coalesce(sum(amount), 0) from ledger.line where code = $1 and layer = 'posted'", BANK
                )
                told = await connection.fetchval(
                    "select posted from ledger.balance_now($1, $2, 'USD')", books.organization_id, BANK
                )
            assert told == exact
        await connection.close()

    async def post(n: int) -> None:
        for _ in range(15):
            await books.deposit(1, f"org:o{n}:cash")

    folding, reading = asyncio.create_task(fold()), asyncio.create_task(read())
    await asyncio.gather(*(post(n) for n in range(8)))
    done.set()
    await reading
    assert await folding + await books.fold() == 120
    assert await books.posted(BANK) == 120
    assert (await books.check()).first is None


async def test_folding_goes_on_in_steps_that_never_cut_a_transaction_of_the_database(books: Books):
    for _ in range(3):
        async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
            for _ in range(4):
                await uow.ledger.post(books.key(), "test", "USD", [line(BANK, books.cash, 1)], TODAY)
    steps = []
    while folded := await books.owner.fetchval("select ledger.fold(2)"):
        steps.append(folded)
        assert (await books.check()).first is None
    assert steps == [4, 4, 4]


async def test_one_session_folds_at_a_time(books: Books):
    await books.deposit(1)
    other = await asyncpg.connect(books.app_url)
    async with books.owner.transaction():
        assert await books.fold() == 1
        async with other.transaction():
            await other.execute("set local role bursar_system")
            assert await other.fetchval("select ledger.fold()") == 0
    await other.close()


async def test_a_balance_as_of_a_past_instant_is_what_the_books_said_then(books: Books):
    instants = [datetime.now(UTC)]
    said = [await books.balance(BANK)]
    for n in range(4):
        await books.deposit(n + 1)
        if n == 1:
            await books.hold(line(books.cash, BANK, 2))
        if n == 2:
            await books.fold()
        instants.append(datetime.now(UTC))
        said.append(await books.balance(BANK))
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        for instant, then in zip(instants, said, strict=True):
            assert await uow.ledger.balance_as_of(BANK, "USD", instant) == then
        cash = [(await uow.ledger.balance_as_of(books.cash, "USD", instant)).available for instant in instants]
    assert [one.minor_units for one in cash] == [0, 1, 1, 4, 8]


async def post_many(books: Books, name: str, count: int) -> None:
    """So many deposits in one transaction of the database."""
    connection = await books.connect()
    await connection.fetchval(
        "select count(ledger.post($1, $2::text || '/' || n, 'test', 'USD', jsonb_build_array("
        " jsonb_build_object('debit', 'external:bank', 'credit', 'org:a:cash', 'amount', n)), $3))"
        " from generate_series(1, $4::int) as n",
        books.organization_id,
        name,
        TODAY,
        count,
    )
    await connection.close()


async def test_a_checkpoint_stands_for_the_rows_before_it_at_any_instant(books: Books):
    instants: list[datetime] = []
    for batch in range(5):
        await post_many(books, f"batch {batch}", 400)
        instants.append(datetime.now(UTC))
        await books.fold()
    assert await books.owner.fetchval("select count(*) from ledger.checkpoint") == 2
    instants += [row[0] for row in await books.owner.fetch("select taken_at from ledger.checkpoint")]
    instants += [
        row[0]
        for row in await books.owner.fetch("select recorded_at from ledger.transaction order by random() limit 20")
    ]
    instants += [instants[0] - timedelta(days=1), instants[0] + timedelta(days=1)]
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        for instant in instants:
            for code in (BANK, books.cash):
                exact = await books.owner.fetchval(
                    "select coalesce(sum(amount), 0) from ledger.line where code = $1 and recorded_at <= $2",
                    code,
                    instant,
                )
                assert (await uow.ledger.balance_as_of(code, "USD", instant)).posted.minor_units == exact
    assert (await books.check()).first is None


async def test_a_posting_under_way_while_a_checkpoint_was_made_counts_from_its_own_instant(books: Books):
    await post_many(books, "before", 1000)
    async with books.database.unit_of_work(books.organization_id, actor="late") as late:
        await late.ledger.post("late", "test", "USD", [line(BANK, "org:b:cash", 7)], TODAY)
        recorded = datetime.now(UTC)
        await books.fold()
    taken_at = await books.owner.fetchval("select distinct taken_at from ledger.checkpoint")
    assert taken_at > recorded
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        for instant in (recorded, taken_at, taken_at + timedelta(microseconds=1)):
            exact = await books.owner.fetchval(
                "select sum(amount) from ledger.line where code = $1 and recorded_at <= $2", BANK, instant
            )
            assert (await uow.ledger.balance_as_of(BANK, "USD", instant)).posted.minor_units == exact


async def test_a_back_dated_posting_counts_on_its_effective_date(books: Books):
    tenth, eleventh, twelfth = (TODAY.replace(day=day) for day in (10, 11, 12))
    await books.post(line(BANK, books.cash, 100), day=twelfth)
    await books.fold()
    await books.post(line(BANK, books.cash, 7), day=tenth)

    async def by_date() -> list[Money]:
        async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
            return [
                await uow.ledger.balance_on(books.cash, "USD", day)
                for day in (tenth.replace(day=9), tenth, eleventh, twelfth)
            ]

    expected = [Money(amount, "USD") for amount in (0, 7, 7, 107)]
    assert await by_date() == expected
    await books.fold()
    assert await by_date() == expected


async def test_an_unused_account_has_nothing_and_an_unknown_one_is_an_error(books: Books):
    assert await books.posted("org:nobody:cash") == 0
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        assert (await uow.ledger.balance_as_of("org:nobody:cash", "USD", datetime.now(UTC))).available == Money(
            0, "USD"
        )
        assert await uow.ledger.balance_on("org:nobody:cash", "USD", TODAY) == Money(0, "USD")
    with pytest.raises(Exception, match="no account like"):
        await books.posted("nobody:cash")


async def test_folding_needs_a_transaction_of_its_own(books: Books):
    with pytest.raises(asyncpg.InvalidTransactionStateError):
        async with books.owner.transaction(isolation="repeatable_read"):
            await books.fold()
    used = books.owner.transaction()
    await used.start()
    await books.owner.fetchval("select pg_current_xact_id()")
    with pytest.raises(asyncpg.InvalidTransactionStateError):
        await books.fold()
    await used.rollback()


async def test_a_server_that_numbers_transactions_from_the_start_again_is_noticed(books: Books):
    await books.owner.execute("update ledger.fold_state set watermark = '999999999999'")
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="numbers transactions lower"):
        await books.fold()
    first = (await books.check()).first
    assert first is not None
    assert first.subject == "the watermark"
