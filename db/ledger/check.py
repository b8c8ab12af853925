"""Prove the books: what `bursar ledger check` runs, and every story test at its end."""

from collections.abc import Sequence

import asyncpg

from db.ledger.checks import PROOFS
from db.ledger.partner_book import PartnerBook
from db.ledger.partner_books import partner_books_agree
from db.ledger.report import Difference, NotComparable, Report


async def check_books(
    connection: "asyncpg.Connection[asyncpg.Record]", partner_books: Sequence[PartnerBook | NotComparable] = ()
) -> Report:
    """Make every proof over all organizations, in one snapshot that no posting under way disturbs.

    The connection must not be in a transaction: this begins its own, read only. Partners' books must be read after the
    partners have come to rest, or a payment between the two readings is a difference.
    """
    differences: list[Difference] = []
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local role bursar_system; set local statement_timeout = 0; set local jit = off")
        for prove in PROOFS:
            differences += await prove(connection)
        differences += await partner_books_agree(
            connection, [book for book in partner_books if isinstance(book, PartnerBook)]
        )
    return Report(
        proofs=(*(prove.__name__.replace("_", " ") for prove in PROOFS), "partner books agree"),
        differences=tuple(differences),
        not_comparable=tuple(book for book in partner_books if isinstance(book, NotComparable)),
    )
