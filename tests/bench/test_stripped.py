"""A copy of the ledger's functions leaves out what its name says and nothing else, or is not made."""

import json
from datetime import date
from uuid import UUID

import asyncpg
import pytest

from bench.contenders.stripped import COPIES, HELD_COPIES, prepare, replaced
from cli.embedded.postgres import EmbeddedPostgres
from domain.ids import new_id

ENTRY = {"debit": "external:bank", "credit": "org:a:cash", "amount": 1}
COUNTS = (
    "select (select count(*) from audit.entry where action = 'ledger.post') as audited,"
    " (select count(*) from {schema}.transaction) as transactions,"
    " (select count(*) from {schema}.entry) as entries,"
    " (select b.posted from {schema}.balance b join ledger.account a on a.id = b.account_id"
    " where a.code = 'org:a:cash') as cash"
)
HELD_COUNTS = (
    "select (select count(*) from audit.entry where action in ('ledger.hold', 'ledger.post_hold')) as audited,"
    " (select count(*) from {schema}.transaction) as transactions,"
    " (select count(*) from {schema}.entry) as entries,"
    " (select string_agg(state, ',') from {schema}.hold) as states,"
    " (select array[b.posted, b.held] from {schema}.balance b join ledger.account a on a.id = b.account_id"
    " where a.code = 'org:a:cash') as cash"
)


async def test_each_copy_leaves_out_what_it_says(migrated: EmbeddedPostgres, database_name: str):
    owner = await asyncpg.connect(migrated.url(database_name).replace("+asyncpg", ""))
    try:
        organization = new_id()
        await owner.execute("insert into organization (id, name) values ($1, 'Bench')", organization)
        await owner.execute("select set_config('bursar.organization_id', $1, false)", str(organization))

        async def post(schema: str, key: str, **more: object) -> None:
            statement = f"select {schema}.post($1, $2, 'bench', 'USD', $3::jsonb, $4)"
            await owner.execute(statement, organization, key, json.dumps([{**ENTRY, **more}]), date(2026, 11, 20))

        async def counts(schema: str) -> tuple[int, ...]:
            tables = COPIES_TABLES[schema]
            statement = COUNTS
            for table in ("transaction", "entry", "balance"):
                statement = statement.replace("{schema}." + table, f"{schema if table in tables else 'ledger'}.{table}")
            return tuple((await owner.fetch(statement))[0])

        await post("ledger", "first")
        await prepare(owner)
        left = {"without_audit": (1, 2, 2, 2), "without_form": (2, 3, 3, 3), "without_key": (3, 1, 1, 4)}
        for schema, standing in {**left, "without_any": (3, 1, 1, 2)}.items():
            await post(schema, schema)
            assert await counts(schema) == standing, schema

        await post("without_key", "without_key")
        await post("without_any", "without_any")
        await post("without_form", "odd", memo="more than a posting may say")
        for schema in ("ledger", "without_audit", "without_key"):
            with pytest.raises(asyncpg.PostgresError, match="a posting needs"):
                await post(schema, "odd", memo="more than a posting may say")
    finally:
        await owner.close()


async def test_each_copy_of_holds_leaves_out_what_it_says(migrated: EmbeddedPostgres, database_name: str):
    owner = await asyncpg.connect(migrated.url(database_name).replace("+asyncpg", ""))
    try:
        organization, day = new_id(), date(2026, 11, 20)
        await owner.execute("insert into organization (id, name) values ($1, 'Bench')", organization)
        await owner.execute("select set_config('bursar.organization_id', $1, false)", str(organization))
        await owner.execute(
            "select ledger.post($1, 'funds', 'bench', 'USD', $2::jsonb, $3)",
            organization,
            json.dumps([{**ENTRY, "amount": 10}]),
            day,
        )
        await prepare(owner)

        async def hold(schema: str, key: str, amount: int = 1) -> UUID:
            held = json.dumps([{"debit": "org:a:cash", "credit": "external:bank", "amount": amount}])
            statement = f"select {schema}.hold($1, $2, 'bench', 'USD', $3::jsonb, $4, 'reservation', $5)"
            made: UUID = await owner.fetchval(statement, organization, key, held, day, organization)
            return made

        async def post(schema: str, made: UUID, key: str) -> None:
            await owner.execute(f"select {schema}.post_hold($1, $2, $3, $4)", organization, made, key, day)

        # audit rows, transactions, entries, holds' states; what the account has, and of that held
        standing = {
            "held_without_audit": (0, 3, 4, "posted", [9, 0]),
            "held_without_constraints": (2, 2, 3, "posted", [9, 0]),
            "held_without_any": (2, 2, 3, "posted", [9, 0]),
        }
        assert standing.keys() == {copy.schema for copy in HELD_COPIES.values()}
        for schema, left in standing.items():
            made = await hold(schema, f"{schema}/hold")
            await post(schema, made, f"{schema}/post")
            assert tuple(await owner.fetchrow(held_counts(schema)) or ()) == left, schema

            if schema == "held_without_any":
                await post(schema, made, f"{schema}/post")
                assert await hold(schema, f"{schema}/hold", 10) != made
                continue
            with pytest.raises(asyncpg.PostgresError, match="is already posted"):
                await post(schema, made, f"{schema}/again")
            with pytest.raises(asyncpg.PostgresError, match="has 9 available, 10 asked"):
                await hold(schema, f"{schema}/much", 10)
    finally:
        await owner.close()


def held_counts(schema: str) -> str:
    """On the copy's own tables, or where it has none, ours."""
    return HELD_COUNTS.replace("{schema}", schema if schema != "held_without_audit" else "ledger")


COPIES_TABLES = {copy.schema: copy.tables for copy in COPIES.values()}


def test_what_is_not_there_exactly_once_is_not_cut():
    assert replaced("a b c", " b", "") == "a c"
    for text in ("a c", "b b"):
        with pytest.raises(RuntimeError, match="not once"):
            replaced(text, "b", "")
