"""The chain after tampering: the first bad row is named, and what was done to it."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from tests.audit.conftest import Owner, open_trail


@pytest.fixture(scope="module")
def sealed_database(migrated: EmbeddedPostgres) -> str:
    """Eight rows (ids 1 to 8) in three blocks of 3, 3 and 2, and a ninth not sealed yet; tests roll back."""

    async def fill() -> None:
        server = await asyncpg.connect(migrated.url("postgres").replace("+asyncpg", ""))
        await server.execute("create database test_audit template template_bursar strategy file_copy")
        await server.close()
        async with open_trail(migrated, "test_audit") as trail:
            for number in range(8):
                await trail.write(number=number)
            assert [await trail.seal(3) for _ in range(4)] == [3, 3, 2, 0]
            await trail.write(number=8)

    asyncio.run(fill())
    return "test_audit"


@pytest.fixture
async def sealed(migrated: EmbeddedPostgres, sealed_database: str) -> AsyncIterator[Owner]:
    """The superuser, with the triggers off, in a transaction that is rolled back."""
    connection = await asyncpg.connect(migrated.url(sealed_database).replace("+asyncpg", ""))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("set local session_replication_role = replica")
    yield connection
    await transaction.rollback()
    await connection.close()


async def tamper(sealed: Owner, statement: str) -> None:
    done = await sealed.execute(statement)
    assert not done.endswith(" 0"), f"nothing to tamper with: {statement}"


async def verify(sealed: Owner, head: bytes | None = None) -> asyncpg.Record:
    (report,) = await sealed.fetch("select * from audit.verify($1)", head)
    return report


COLUMNS = {
    "at": "at + interval '1 microsecond'",
    "organization_id": "null",
    "actor": "'eve'",
    "action": "'x'",
    "subject_kind": "'x'",
    "subject_id": "'8'",
    "request_id": "null",
    "detail": "'{\"number\": 6}'",
    "digest": "'x'",
}


@pytest.mark.parametrize("column", COLUMNS)
async def test_a_changed_row_is_named(sealed: Owner, column: str):
    await tamper(sealed, f"update audit.entry set {column} = {COLUMNS[column]} where id = 5")
    report = await verify(sealed)
    assert (report["entry_id"], report["block"], report["position"]) == (5, 2, 2)
    assert report["problem"] == "the row was changed"


async def test_a_row_changed_together_with_its_digest_is_named(sealed: Owner):
    await tamper(sealed, "update audit.entry set actor = 'eve' where id = 5")
    await tamper(sealed, "update audit.entry e set digest = audit.digest_of(e) where id = 5")
    report = await verify(sealed)
    assert (report["entry_id"], report["problem"]) == (5, "the row and its digest, or its seal, were changed")


@pytest.mark.parametrize("row", [1, 4, 8])
async def test_a_removed_row_is_named(sealed: Owner, row: int):
    await tamper(sealed, f"delete from audit.entry where id = {row}")
    report = await verify(sealed)
    assert (report["entry_id"], report["problem"]) == (row, "the row was removed")


async def test_an_inserted_row_is_named(sealed: Owner):
    await tamper(
        sealed,
        "insert into audit.entry overriding system value select 100, at, xid, organization_id, 'eve', action,"
        " subject_kind, subject_id, request_id, detail, digest from audit.entry where id = 5",
    )
    await tamper(sealed, "update audit.entry e set digest = audit.digest_of(e) where id = 100")
    report = await verify(sealed)
    assert (report["entry_id"], report["block"], report["position"]) == (100, 2, 3)
    assert report["problem"] == "the row was inserted after its block was sealed, or its seal was changed"


async def test_a_row_inserted_at_the_end_of_the_sealed_range_is_named(sealed: Owner):
    await tamper(
        sealed,
        "insert into audit.entry overriding system value select 100, at, xid, organization_id, actor, action,"
        " subject_kind, subject_id, request_id, detail, digest from audit.entry where id = 8",
    )
    report = await verify(sealed)
    assert (report["entry_id"], report["block"], report["position"]) == (100, 3, 3)


async def test_a_row_moved_out_of_the_sealed_range_is_named(sealed: Owner):
    await tamper(sealed, "update audit.entry set xid = (select max(xid) from audit.entry) where id = 5")
    report = await verify(sealed)
    assert (report["entry_id"], report["problem"]) == (5, "the row was moved")


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("delete from audit.seal where entry_id = 5", 5),
        ("update audit.seal set hash = 'x' where entry_id = 5", 5),
        ("update audit.seal set entry_id = 100 where entry_id = 5", 100),
        ("update audit.seal set position = 9 where entry_id = 5", 5),
        ("update audit.block set hash = 'x' where number = 2", 4),
        ("update audit.block set count = 4 where number = 2", 4),
        ("update audit.block set last_entry = 7 where number = 2", 4),
        ("update audit.block set previous = 'x' where number = 2", 4),
        ("update audit.block set from_xid = '3' where number = 2", 4),
        ("delete from audit.block where number = 2", 7),
        ("delete from audit.block where number = 1", 4),
        ("delete from audit.block where number = 3", 7),
    ],
)
async def test_a_tampered_seal_or_block_is_named(sealed: Owner, statement: str, row: int):
    await tamper(sealed, statement)
    report = await verify(sealed)
    assert report["problem"] is not None
    assert report["entry_id"] == row


async def test_of_two_bad_rows_the_first_is_named(sealed: Owner):
    await tamper(sealed, "update audit.entry set actor = 'eve' where id in (7, 2)")
    assert (await verify(sealed))["entry_id"] == 2


async def test_a_row_changed_before_it_was_sealed_is_named(sealed: Owner):
    await tamper(sealed, "update audit.entry set actor = 'eve' where id = 9")
    report = await verify(sealed)
    assert (report["entry_id"], report["block"], report["problem"]) == (
        9,
        None,
        "the row was changed before it was sealed",
    )


async def test_an_end_that_was_cut_off_is_noticed_with_a_published_head(sealed: Owner):
    head = (await verify(sealed))["head"]
    for table in ("audit.block where number = 3", "audit.seal where block = 3", "audit.entry where id >= 7"):
        await tamper(sealed, f"delete from {table}")
    assert (await verify(sealed))["problem"] is None
    report = await verify(sealed, head)
    assert report["problem"] == "the published head is not in the chain: its end was removed or replaced"
