"""A copy of `ledger.post` leaves out what its name says and nothing else, or is not made."""

import json
from datetime import date

import asyncpg
import pytest

from bench.contenders.stripped import COPIES, prepare, replaced
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


COPIES_TABLES = {copy.schema: copy.tables for copy in COPIES.values()}


def test_what_is_not_there_exactly_once_is_not_cut():
    assert replaced("a b c", " b", "") == "a c"
    for text in ("a c", "b b"):
        with pytest.raises(RuntimeError, match="not once"):
            replaced(text, "b", "")
