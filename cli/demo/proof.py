"""Prove the books after the stories: the ledger against itself and the partners, and the audit chain."""

from dataclasses import dataclass

from rich.markup import escape

from activities.house import open_house
from activities.partner_books import read_partner_books
from cli.database import raw_connection
from db.audit.verify import verify_chain
from db.ledger.check import check_books
from settings import Settings


@dataclass(frozen=True, slots=True)
class Proof:
    """Lines for the console, and whether everything holds."""

    lines: list[str]
    sound: bool


async def prove(settings: Settings) -> Proof:
    """What `bursar ledger check` and `bursar audit verify` do."""
    async with open_house(settings) as house:
        books = await read_partner_books(house)
    async with raw_connection(settings) as connection:
        report = await check_books(connection, books)
        chain = await verify_chain(connection)
    sound = not report.differences and chain.problem is None
    lines = [
        f"[green]✓[/] bursar ledger check: {len(report.proofs)} proofs hold"
        if not report.differences
        else f"[red]✗[/] bursar ledger check: {escape(str(report.first))}",
        f"[green]✓[/] bursar audit verify: {chain.sealed} audit rows in the chain"
        if chain.problem is None
        else f"[red]✗[/] bursar audit verify: {escape(chain.problem)}",
    ]
    return Proof(lines, sound)
