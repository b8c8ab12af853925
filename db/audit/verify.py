"""Verify the chain of audit rows: what `bursar audit verify` runs."""

from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying found.

    `problem` is None when the chain is sound; else it says what happened to the first bad row (`entry_id`, at
    `position` of `block`; None where no single row is at fault). `sealed` counts the rows proven, `unsealed` those too
    young to be in a block. `head` is the hash to publish outside of the database.
    """

    problem: str | None
    entry_id: int | None
    block: int | None
    position: int | None
    sealed: int
    unsealed: int
    head: bytes


async def verify_chain(
    connection: "asyncpg.Connection[asyncpg.Record]", published_head: bytes | None = None
) -> ChainReport:
    """Verify every block in one snapshot. `published_head`, a head noted earlier, must still be in the chain.

    The connection must not be in a transaction: this begins its own, read only.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local role bursar_system; set local statement_timeout = 0")
        row = await connection.fetchrow("select * from audit.verify($1)", published_head)
    if row is None:
        raise RuntimeError("audit.verify returned no row")
    return ChainReport(
        problem=row["problem"],
        entry_id=row["entry_id"],
        block=row["block"],
        position=row["position"],
        sealed=row["sealed"],
        unsealed=row["unsealed"],
        head=bytes(row["head"]),
    )
