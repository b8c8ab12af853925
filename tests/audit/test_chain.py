"""The chain: every row below the transaction horizon is in exactly one block."""

import asyncio

import asyncpg
import pytest

from tests.audit.conftest import Trail


async def test_a_sound_chain_is_sound_and_has_a_head(trail: Trail):
    for _ in range(8):
        await trail.write()
    assert [await trail.seal(3) for _ in range(4)] == [3, 3, 2, 0]
    await trail.write()
    report = await trail.verify()
    assert report.problem is None
    assert (report.sealed, report.unsealed) == (8, 1)
    assert report.head == await trail.owner.fetchval("select hash from audit.block order by number desc limit 1")
    assert (await trail.verify(report.head)).problem is None


async def test_an_empty_chain_is_sound(trail: Trail):
    report = await trail.verify()
    assert (report.problem, report.sealed, report.unsealed) == (None, 0, 0)
    await trail.write()
    await trail.seal()
    assert (await trail.verify(report.head)).problem is None


async def test_what_commits_late_is_sealed_later_and_never_skipped(trail: Trail):
    async with trail.database.unit_of_work(trail.organization_id, actor="late") as late:
        await late.audit("late", "thing", 1)
        await late.write_trail()
        await trail.write()
        assert await trail.seal() == 0
    assert await trail.seal() == 2
    order = await trail.owner.fetch("select actor from audit.seal join audit.entry on id = entry_id order by position")
    assert [row["actor"] for row in order] == ["late", "ada"]
    assert (await trail.verify()).problem is None


async def test_a_block_never_cuts_a_transaction_of_the_database(trail: Trail):
    for _ in range(2):
        async with trail.database.unit_of_work(trail.organization_id, actor="ada") as uow:
            for _ in range(5):
                await uow.audit("thing.changed", "thing", 1)
    assert [await trail.seal(2) for _ in range(3)] == [5, 5, 0]
    assert (await trail.verify()).problem is None


async def test_sealing_beside_many_writers_puts_every_row_in_exactly_one_block(trail: Trail):
    done = asyncio.Event()

    async def seal() -> int:
        connection = await asyncpg.connect(trail.app_url)
        await connection.execute("set role bursar_system")
        total = 0
        while not done.is_set():
            total += await connection.fetchval("select audit.seal(7)")
        await connection.close()
        return total

    async def write() -> None:
        for _ in range(15):
            await trail.write()

    sealers = [asyncio.create_task(seal()) for _ in range(2)]
    await asyncio.gather(*(write() for _ in range(8)))
    done.set()
    total = sum(await asyncio.gather(*sealers))
    while sealed := await trail.seal():
        total += sealed
    assert total == 120
    report = await trail.verify()
    assert (report.problem, report.sealed, report.unsealed) == (None, 120, 0)


async def test_sealing_in_another_isolation_level_is_refused(trail: Trail):
    with pytest.raises(asyncpg.InvalidTransactionStateError):
        async with trail.owner.transaction(isolation="repeatable_read"):
            await trail.seal()


async def test_a_server_that_numbers_transactions_from_the_start_again_is_noticed(trail: Trail):
    await trail.write()
    await trail.seal()
    await trail.tamper("update audit.block set to_xid = '999999999999'")
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="numbers transactions lower"):
        await trail.seal()


async def test_the_digest_does_not_depend_on_session_settings(trail: Trail):
    await trail.write()
    await trail.owner.execute("set timezone = 'Asia/Kolkata'; set datestyle = 'SQL, DMY'; set extra_float_digits = 0")
    assert (await trail.verify()).problem is None
    await trail.seal()
    assert (await trail.verify()).problem is None
