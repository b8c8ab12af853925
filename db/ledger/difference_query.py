"""Differences straight from SQL."""

from typing import Any

import asyncpg

from db.ledger.report import Difference

LIMIT = 20
"""How many differences of one proof are listed: one is enough to act, a few show the pattern."""


async def differences(
    connection: "asyncpg.Connection[asyncpg.Record]", proof: str, statement: str, *values: Any
) -> list[Difference]:
    """Run a statement whose rows are differences: columns subject, expected, found. It brings its own order."""
    rows = await connection.fetch(f"{statement} limit {LIMIT}", *values)
    return [Difference(proof, str(row["subject"]), str(row["expected"]), str(row["found"])) for row in rows]
