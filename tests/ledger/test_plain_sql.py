"""What the database itself refuses, when it is tried with plain SQL."""

import asyncpg
import pytest

from tests.ledger.conftest import BANK, Books, line

TABLES = (
    "account",
    "balance",
    "chart",
    "checkpoint",
    "entry",
    "fold_state",
    "folded",
    "folded_day",
    "hold",
    "transaction",
)
KEPT = ("account", "balance", "checkpoint", "entry", "hold", "transaction")


@pytest.fixture
async def used(books: Books) -> Books:
    await books.deposit(100)
    await books.post_hold(await books.hold(line(books.cash, BANK, 40)))
    await books.hold(line(books.cash, BANK, 10))
    await books.fold()
    return books


@pytest.mark.parametrize("role", ["bursar_app", "bursar_system"])
async def test_the_application_writes_no_table_of_the_ledger(used: Books, plain: asyncpg.Connection, role: str):
    await plain.execute(f"set role {role}")
    for table in TABLES:
        column = await used.owner.fetchval(
            "select column_name from information_schema.columns where table_schema = 'ledger' and table_name = $1"
            " order by ordinal_position limit 1",
            table,
        )
        for statement in (
            f"insert into ledger.{table} overriding system value select * from ledger.{table}",
            f"update ledger.{table} set {column} = default",
            f"delete from ledger.{table}",
            f"truncate ledger.{table}",
            f"select 1 from ledger.{table} for update",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await plain.execute(statement)


async def test_the_application_calls_only_the_interface(used: Books, plain: asyncpg.Connection):
    callable_by_app = await plain.fetch(
        "select distinct p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'ledger' and has_function_privilege('bursar_app', p.oid, 'execute')"
    )
    assert {row["name"] for row in callable_by_app} == {
        "post",
        "hold",
        "post_hold",
        "void_hold",
        "close_account",
        "balance_now",
        "available",
        "balance_as_of",
        "balance_on",
        "statement",
        "rule_for",
        "fits",
        "no_xid",
    }


async def test_who_compares_xids_has_the_owners_rights(used: Books):
    # xid8's operators are not leakproof: row-level security would have every row read before they are asked
    slow = await used.owner.fetch(
        "select p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'ledger' and has_function_privilege('bursar_app', p.oid, 'execute')"
        r" and p.prosrc ~ '\.xid\M' and not p.prosecdef"
    )
    assert [row["name"] for row in slow] == []


async def test_definer_functions_have_a_fixed_search_path(used: Books):
    loose = await used.owner.fetch(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('ledger', 'audit') and p.prosecdef"
        " and not coalesce(p.proconfig::text like '%search_path=pg_catalog, pg_temp%', false)"
    )
    assert loose == []


async def test_nobody_deletes_the_books(used: Books):
    for table in KEPT:
        for statement in (f"delete from ledger.{table}", f"truncate ledger.{table} cascade"):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await used.owner.execute(statement)
            assert refused.value.sqlstate == "BL009"


@pytest.mark.parametrize(
    "change",
    [
        "transaction set description = 'x'",
        "entry set amount = amount + 1",
        "checkpoint set posted = 0",
        "account set floor = null",
        "account set code = 'org:z:cash'",
    ],
)
async def test_the_owner_changes_nothing_that_is_written(used: Books, change: str):
    with pytest.raises(asyncpg.PostgresError) as refused:
        await used.owner.execute(f"update ledger.{change}")
    assert refused.value.sqlstate == "BL009"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("balance set posted = 9 where floor = 0", "floor_kept"),
        ("balance set held = 61 where floor = 0", "floor_kept"),
        ("balance set held = -1", "floor_kept"),
        ("hold set posted = 41 where state = 'posted'", "never_more_than_held"),
        ("hold set state = 'voided' where state = 'open'", "never_more_than_held"),
        ("chart set floor = 0 where normal = 'debit'", "floor_needs_a_checked_liability"),
    ],
)
async def test_the_owner_cannot_overdraw_either(used: Books, change: str, constraint: str):
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await used.owner.execute(f"update ledger.{change}")
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize(
    "change",
    ["amount = 0", "amount = -5", "credit_account = debit_account", "releases = true", "layer = 'other'"],
)
async def test_an_unbalanced_entry_cannot_be_written_by_anybody(used: Books, change: str):
    column, value = change.split(" = ")
    columns = [
        row["column_name"]
        for row in await used.owner.fetch(
            "select column_name from information_schema.columns where table_schema = 'ledger' and table_name = 'entry'"
        )
    ]
    selected = ", ".join({column: value, "n": "99"}.get(name, name) for name in columns)
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InvalidTextRepresentationError)):
        await used.owner.execute(
            f"insert into ledger.entry ({', '.join(columns)}) select {selected} from ledger.entry"
            " where layer = 'posted' limit 1"
        )


async def test_rows_of_another_organization_are_not_seen(used: Books):
    other = await used.another()
    connection = await other.connect()
    for table in set(TABLES) - {"chart", "fold_state"} | {"line"}:
        assert await connection.fetchval(f"select count(*) from ledger.{table}") == 0, table
    for asked in (
        "ledger.available($1, 'org:a:cash', 'USD')",
        "ledger.balance_as_of($1, 'org:a:cash', 'USD', clock_timestamp())",
        "ledger.balance_on($1, 'org:a:cash', 'USD', current_date)",
        "ledger.statement($1, 'org:a:cash', 'USD', 9223372036854775807, gen_random_uuid(), 0, 20)",
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.fetch(f"select {asked}", used.organization_id)
        assert refused.value.sqlstate == "BL007", asked
    await connection.execute("select set_config('bursar.organization_id', '', false)")
    assert await connection.fetchval("select count(*) from ledger.transaction") == 0
    await connection.close()


async def test_every_table_with_an_organization_is_protected(used: Books):
    loose = await used.owner.fetch(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'"
        " where n.nspname in ('ledger', 'audit') and c.relkind = 'r'"
        " and not (c.relrowsecurity and c.relforcerowsecurity)"
    )
    assert loose == []
