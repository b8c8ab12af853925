"""Chek's own book: every wallet and every programme, read to be held against the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from db.engine import Database
from db.ledger.partner_book import PartnerBook
from db.ledger.report import NotComparable
from db.queries import chek_wallet, program
from domain.childcare_accounts import program_funds
from rails.base import EvidenceUnavailable
from rails.chek.client import ChekClient

CARDS = NotComparable("chek", "cards", "Chek tells no card's balance")


async def chek_books(database: Database, chek: ChekClient) -> list[PartnerBook | NotComparable]:
    """One book per registered wallet and programme, read now: let payments come to rest first."""
    async with database.across_organizations(actor="ledger-check") as uow:
        wallets = await chek_wallet.every_wallet(uow)
        programs = await program.every_program(uow)
    books: list[PartnerBook | NotComparable] = [CARDS]
    for wallet in wallets:
        name = f"wallet of user {wallet['chek_user_id']}"
        try:
            balance = (await chek.user(wallet["chek_user_id"])).balance
        except EvidenceUnavailable as away:
            books.append(NotComparable("chek", name, str(away)))
        else:
            books.append(_wallet_book(name, balance, wallet))
    return books + await _programs(chek, programs)


def _wallet_book(name: str, balance: int, wallet: Mapping[Any, Any]) -> PartnerBook:
    """What its owner owes was taken out of the wallet without having been there: our accounts still show it."""
    organization_id = wallet["organization_id"]
    owned = tuple(wallet["accounts"])
    return PartnerBook("chek", name, "USD", balance + wallet["owed"], owned, organization_id)


async def _programs(chek: ChekClient, programs: Sequence[Mapping[Any, Any]]) -> list[PartnerBook | NotComparable]:
    if not programs:
        return []
    try:
        balances = await chek.program_balances()
    except EvidenceUnavailable as away:
        return [NotComparable("chek", "programmes", str(away))]
    return [
        PartnerBook(
            "chek",
            f"programme {row['chek_program_id']}",
            row["currency"],
            balances[row["chek_program_id"]],
            (program_funds(row["id"]),),
            row["organization_id"],
        )
        if row["chek_program_id"] in balances
        else NotComparable("chek", f"programme {row['chek_program_id']}", "Chek does not list it")
        for row in programs
    ]
