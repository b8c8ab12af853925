"""The database itself keeps organizations apart, and keeps the application's role from what it must not write."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from domain.ids import new_id
from tests.api.application import Application, application_over

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHARED = {
    "public.alembic_version": "which migration the database stands at",
    "public.business_clock": "one clock for the installation; moved only through a function, in the sandbox",
    "public.feed_reading": "how far a partner's feed was read; one feed serves the installation",
    "public.organization": "its own id is the organization's; it has policies on that",
    "public.rate_limit_bucket": "counters under names of keys and callers; nothing is told by them",
    "ledger.chart": "which accounts may exist, the same for everybody",
    "ledger.fold_state": "how far balances of hot accounts were folded, for all organizations at once",
    "audit.block": "the chain over all organizations' rows: hashes only, and only the system reads them",
    "audit.seal": "the chain over all organizations' rows: hashes only, and only the system reads them",
}
WRITTEN_BY_FUNCTIONS = [
    "ledger.%",
    "audit.%",
    r"public.money\_call",
    r"public.money\_call\_send",
    r"public.wallet\_in\_flight",
]
TABLES = """
select n.nspname || '.' || c.relname as name, c.oid, c.relrowsecurity, c.relforcerowsecurity,
    c.relkind::text as kind, coalesce(c.reloptions, '{}')::text[] as options,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and a.attnum > 0)
        as of_an_organization
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and n.nspname not like 'pg\\_temp%' order by 1
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(migrated: EmbeddedPostgres) -> AsyncIterator[Application]:
    """A database with rows of two organizations."""
    async with application_over(migrated) as opened:
        for member in (opened.ada, opened.grace):
            body = {"name": "Shop", "cust_nbr": "1", "merch_nbr": "1", "dba_nbr": "1", "terminal_nbr": "1"}
            await member.client.post("/v1/merchants", json=body, headers={"Idempotency-Key": new_id().hex})
        yield opened


async def tables(application: Application) -> list[dict[str, Any]]:
    return await application.rows(TABLES)


async def test_every_table_of_organizations_is_guarded_by_rows(application: Application) -> None:
    for table in await tables(application):
        if not table["of_an_organization"] and table["name"] != "public.organization":
            continue
        if table["kind"] == "v":
            assert "security_invoker=true" in table["options"], f"{table['name']} would show what its owner sees"
            continue
        assert (table["relrowsecurity"], table["relforcerowsecurity"]) == (True, True), table["name"]
        policies = await application.rows(
            "select array(select rolname::text from pg_roles where oid = any(polroles) order by 1) as roles, polcmd,"
            " polpermissive, pg_get_expr(polqual, polrelid) as seen, pg_get_expr(polwithcheck, polrelid) as written"
            " from pg_policy where polrelid = $1",
            table["oid"],
        )
        permissive = [row for row in policies if row["polpermissive"]]
        by_role = {row["roles"][0]: row for row in permissive if len(row["roles"]) == 1}
        assert len(by_role) == len(permissive) == 3, table["name"]
        # whatever else there is takes away from what the application sees
        assert all(row["roles"] == ["bursar_app"] for row in policies if not row["polpermissive"]), table["name"]
        own = by_role["bursar_app"]
        assert "= current_organization()" in own["seen"], table["name"]
        assert own["written"] in (own["seen"], None), table["name"]
        assert by_role["bursar_system"]["seen"] == "true", table["name"]


async def test_every_other_table_says_why_it_is_not(application: Application) -> None:
    found = {table["name"] for table in await tables(application) if not table["of_an_organization"]}
    assert found == set(SHARED)


async def test_ledger_audit_and_money_calls_are_written_by_their_functions_only(application: Application) -> None:
    writable = await application.rows(
        "select n.nspname || '.' || c.relname as name, p as privilege, r as role"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace,"
        " unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) p,"
        " unnest(array['bursar_app', 'bursar_system', 'public']) r"
        " where c.relkind in ('r', 'p') and n.nspname || '.' || c.relname like any($1::text[])"
        " and case when r = 'public' then false else has_table_privilege(r, c.oid, p) end",
        WRITTEN_BY_FUNCTIONS,
    )
    assert writable == []


async def test_the_applications_role_is_nobody_special(application: Application) -> None:
    (role,) = await application.rows("select * from pg_roles where rolname = 'bursar_app'")
    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    assert [name for name in powers if role[name]] == []
    owned = await application.rows("select relname from pg_class where relowner = 'bursar_app'::regrole")
    assert owned == []
    (membership,) = await application.rows(
        "select m.roleid::regrole::text as role, m.inherit_option, m.admin_option from pg_auth_members m"
        " where m.member = 'bursar_app'::regrole"
    )
    assert membership == {"role": "bursar_system", "inherit_option": False, "admin_option": False}
    for schema in ("public", "ledger", "audit"):
        (row,) = await application.rows("select has_schema_privilege('bursar_app', $1, 'CREATE') as may", schema)
        assert row["may"] is False


async def test_functions_with_the_owners_rights_cannot_be_led_astray(application: Application) -> None:
    functions = await application.rows(
        "select p.oid::regprocedure::text as name, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE')"
        " as open from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where p.prosecdef and n.nspname in ('public', 'ledger', 'audit')"
    )
    assert functions
    for function in functions:
        paths = [item for item in function["proconfig"] or () if item.startswith("search_path=pg_catalog")]
        assert len(paths) == 1, function["name"]
        assert not function["open"], function["name"]


async def test_without_an_organization_nothing_is_seen_and_with_one_only_its_own(application: Application) -> None:
    url = application.settings.database.url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        for table in await tables(application):
            if not table["of_an_organization"]:
                continue
            assert await connection.fetchval(f"select count(*) from {table['name']}") == 0, table["name"]
        for member in (application.ada, application.grace):
            await connection.execute(f"set bursar.organization_id = '{member.organization_id}'")
            for table in await tables(application):
                if table["of_an_organization"]:
                    others = f"select count(*) from {table['name']} where organization_id <> $1"
                    assert await connection.fetchval(others, member.organization_id) == 0, table["name"]
            assert await connection.fetchval("select count(*) from merchant") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "insert into operator (id, organization_id, name, email) values ($1, $2, 'x', 'x')",
                new_id(),
                application.ada.organization_id,
            )
    finally:
        await connection.close()
