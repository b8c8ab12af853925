"""The schemas go up, down and up again."""

import asyncio

import asyncpg

from cli.embedded.postgres import EmbeddedPostgres
from domain.ids import new_id
from tests.conftest import migrate


def test_migrations_go_up_down_and_up(postgres: EmbeddedPostgres):
    name = f"test_{new_id().hex}"

    async def execute(database: str, statement: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(postgres.url(database).replace("+asyncpg", ""))
        rows = await connection.fetch(statement)
        await connection.close()
        return rows

    asyncio.run(execute("postgres", f"create database {name}"))
    schemas = "select nspname::text from pg_namespace where nspname in ('ledger', 'audit') order by 1"
    everything = """
        select format('%s %s', c.oid::regclass, c.relacl) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where nspname in ('ledger', 'audit', 'public')
        union all select format('%s %s', p.oid::regprocedure, p.proacl) from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace where nspname in ('ledger', 'audit', 'public')
        union all select pattern from ledger.chart order by 1"""
    migrate(postgres.url(name), "heads")
    first = asyncio.run(execute(name, everything))
    migrate(postgres.url(name), "base")
    assert asyncio.run(execute(name, schemas)) == []
    migrate(postgres.url(name), "heads")
    assert asyncio.run(execute(name, everything)) == first
    asyncio.run(execute("postgres", f"drop database {name}"))
