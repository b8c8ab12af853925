"""No request reads a growing table from one end to the other: PostgreSQL's own counters say so, functions included."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.queries import flow_view
from db.queries import money_call as calls
from domain.ids import new_id
from tests.ledger.conftest import BANK, TODAY, Books, line, open_books
from tests.money_call.desk import APPLIED, REFUSED, Desk

GROWING = (
    "ledger.account",
    "ledger.balance",
    "ledger.transaction",
    "ledger.entry",
    "ledger.hold",
    "audit.entry",
    "public.money_call",
    "public.money_call_send",
    "public.outgoing_event",
    "public.case_file",
)

LOAD = Path(__file__).parent / "load.sql"


@pytest.fixture
async def grown(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Books]:
    """An organization of which every growing table has many rows; the planner knows."""
    async with open_books(migrated, database_name) as books:
        await books.owner.execute(f"set bursar.organization_id = '{books.organization_id}'")
        *load, analyze = LOAD.read_text(encoding="utf-8").split("\ncommit;\n")
        await books.owner.execute("\n".join([*load, "commit;"]))
        await books.owner.execute(analyze)  # not in a transaction, so not in one message with the rest
        await books.owner.execute("reset bursar.organization_id")
        yield books


async def scans(books: Books) -> dict[str, int]:
    """How often each growing table was read from end to end, by anybody whose connection has ended."""
    rows = await books.owner.fetch(
        "select schemaname || '.' || relname as name, seq_scan from pg_stat_user_tables"
        " where schemaname || '.' || relname = any ($1::text[])",
        list(GROWING),
    )
    return {row["name"]: row["seq_scan"] for row in rows}


async def test_no_step_of_a_payment_reads_a_growing_table_from_end_to_end(grown: Books):
    await fold(grown)
    before = await scans(grown)
    assert set(before) == set(GROWING)
    await post_and_hold(grown)
    await pay(Desk(grown.database, grown.owner, grown.organization_id))
    await look(grown)
    assert await fold(grown)
    await grown.database.close()  # a connection tells what it counted at the latest when it ends
    await grown.owner.execute("select pg_stat_clear_snapshot()")
    after = await scans(grown)
    assert {name: after[name] - before[name] for name in GROWING if after[name] > before[name]} == {}


async def post_and_hold(books: Books) -> None:
    """Everything that the ledger's functions do, on accounts that exist and on new ones."""
    wallet, other = "family:17:wallet:main", "family:18:wallet:main"
    await books.post(line(BANK, wallet, 100))
    await books.post(line(wallet, other, 1), line(wallet, "family:new:wallet:main", 1))
    await books.post(line(wallet, BANK, 2_000_000), fact=True)
    await books.post_hold(await books.hold(line(other, BANK, 10)))
    await books.void_hold(await books.hold(line(other, BANK, 10), line(other, wallet, 1)))
    await books.post(line(BANK, wallet, 1), key="again")
    await books.post(line(BANK, wallet, 1), key="again")


async def fold(books: Books) -> int:
    """All that is not folded yet; how many transactions."""
    total = 0
    while folded := await books.owner.fetchval("select ledger.fold()"):
        total += folded
    return total


async def pay(desk: Desk) -> None:
    """A money call that is applied, one that is refused, one that is in doubt."""
    for outcome in (APPLIED, REFUSED):
        call = await desk.taken(await desk.record(flow_id=new_id()))
        await desk.settle(call, outcome)
    call = await desk.taken(await desk.record(flow_id=new_id()))
    await desk.in_doubt(call)
    async with desk.database.unit_of_work(desk.organization_id, actor="test") as uow:
        await calls.get(uow, call.id)
        await calls.of_step(uow, "test-flow", call.flow_id, call.step, call.ordinal)
        rows = await calls.of_flow(uow, "test-flow", call.flow_id)
        await calls.sends_of(uow, [row["id"] for row in rows])
        await calls.by_rail(uow, "epx", "none", call.rail_reference)
        await calls.page(uow, after=None, limit=20, states=["sending", "unknown"])
        await flow_view.ledger_lines(uow, "test-flow", call.flow_id, [call.id])
        await flow_view.timeline(uow, "test-flow", call.flow_id)
        await flow_view.cases(uow, "test-flow", call.flow_id)


async def look(books: Books) -> None:
    """Balances now and then, and statements: of a busy account and of a quiet one."""
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        for code in ("family:1:wallet:main", "family:17:wallet:main", BANK):
            await uow.ledger.balance(code, "USD")
            await uow.ledger.balance_as_of(code, "USD", datetime(2026, 1, 1, tzinfo=UTC))
            await uow.ledger.balance_on(code, "USD", TODAY)
            page = await uow.ledger.statement(code, "USD", limit=20)
            if page:
                await uow.ledger.statement(code, "USD", limit=20, after=page[-1].position)
