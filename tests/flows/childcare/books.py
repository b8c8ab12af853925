"""Chek's own book beside the ledger: after a story both say the same, cent for cent."""

from typing import Any

import asyncpg

from activities.partner_books import read_partner_books
from db.ledger.check import check_books
from db.ledger.partner_book import PartnerBook
from db.queries import chek_wallet
from db.unit_of_work import UnitOfWork
from domain.childcare_accounts import CHEK_CASH, CHEK_IN_TRANSIT, program_funds, provider_card
from domain.ids import parse_public_id
from tests.flows.childcare.town import Person, Town


async def balances(town: Town) -> dict[tuple[str, int], int]:
    """Chek's balances by kind and id."""
    book = (await town.system.control.get("/books/chek")).json()
    return {(line["kind"], line["id"]): line["balance"] for line in book["balances"]}


async def payments(town: Town) -> list[dict[str, Any]]:
    """What Chek paid out to banks."""
    book = (await town.system.control.get("/books/chek")).json()
    found: list[dict[str, Any]] = book["payments"]
    return found


async def _posted(uow: UnitOfWork, code: str) -> int:
    return (await uow.ledger.balance(code, "USD")).posted.minor_units


async def _settled(town: Town) -> int:
    """What the books say is at the banks."""
    listed = (await town.system.get("/v1/provider-payments?state=settled&limit=200"))["data"]
    return sum(payment["amount"] for payment in listed)


async def prove(town: Town, *providers: Person) -> None:
    """Every wallet, the programme, the cards and the payouts at Chek are what the ledger says, and nothing is held."""
    chek = await balances(town)
    paid_out = sum(payment["amount"] for payment in await payments(town) if payment["status"] != "Returned")
    settled = await _settled(town)
    program_id = parse_public_id("prog", town.program_id, field="program_id")
    async with town.system.house.database.unit_of_work(town.system.organization_id, actor="test") as uow:
        for (kind, number), balance in chek.items():
            if kind == "wallet":
                assert balance == await chek_wallet.posted(uow, str(number), "USD"), f"wallet of {number}"
        assert chek["program", 501] == await _posted(uow, program_funds(program_id))
        assert paid_out - settled == -await _posted(uow, CHEK_IN_TRANSIT)
        cards = 0
        for provider in providers:
            cards += await _posted(uow, provider_card(parse_public_id("prov", provider.id, field="provider_id")))
        assert cards == sum(balance for (kind, _), balance in chek.items() if kind == "card")
        everything = await _posted(uow, CHEK_CASH)
        assert everything + settled - paid_out == sum(chek.values())
    await _prove_as_operators_do(town)


async def _prove_as_operators_do(town: Town) -> None:
    """Every proof of `bursar ledger check`, which reads Chek as the product does."""
    books = await read_partner_books(town.system.house)
    assert any(isinstance(book, PartnerBook) and book.rail == "chek" for book in books)
    url = town.system.settings.database.url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        report = await check_books(connection, books)
    finally:
        await connection.close()
    assert report.differences == ()
