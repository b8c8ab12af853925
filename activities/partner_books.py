"""Partners' own books, read to be held against the ledger. A partner without a list is said to be not comparable."""

from collections.abc import Sequence

from sqlalchemy import select

from activities.house import House
from activities.partner_books_chek import chek_books
from db.ledger.partner_book import PartnerBook
from db.ledger.report import NotComparable
from db.tables.ach import ach_transaction, merchant
from domain.money import Money
from domain.reimbursement_lines import FS_MAIN, FS_OPERATING, PAYPAL
from rails.base import EvidenceUnavailable
from rails.chek import ChekRail
from rails.column import open_books as open_bank
from rails.epx import open_books
from rails.epx.books import GatewayBooks
from rails.paypal import open_paypal_books

Book = PartnerBook | NotComparable


async def read_partner_books(house: House) -> Sequence[Book]:
    """Every configured partner's book, read now: let payments come to rest first."""
    books: list[Book] = []
    if "epx" in house.rails:
        books.append(await _epx(house))
    chek = house.rails.get("chek")
    if isinstance(chek, ChekRail):
        books += await chek_books(house.database, chek.client)
    if "column" in house.rails:
        books += await _column(house)
    if "paypal" in house.rails:
        books.append(await _paypal(house))
    return books


async def _epx(house: House) -> Book:
    """What the gateway took in and did not give back: ours is in transit or settled."""
    if house.settings.epx.inquiry_source == "none":
        return NotComparable("epx", "entries taken", "this gateway has no report file")
    async with house.database.across_organizations(actor="ledger-check") as uow:
        batches = await uow.all(
            select(ach_transaction.c.batch_id, merchant.c.merch_nbr)
            .distinct()
            .join(merchant, merchant.c.id == ach_transaction.c.merchant_id)
            .where(ach_transaction.c.batch_id.is_not(None))
        )
    try:
        async with open_books(house.settings.epx) as gateway:
            taken = await _taken(gateway, [(row["merch_nbr"], row["batch_id"]) for row in batches])
    except EvidenceUnavailable as away:
        return NotComparable("epx", "entries taken", str(away))
    return PartnerBook("epx", "entries taken", "USD", taken.minor_units, ("rail:epx:in_transit", "external:bank:epx"))


async def _column(house: House) -> list[Book]:
    """What our two bank accounts hold: an ACH credit has left when it is initiated."""
    settings = house.settings.column
    books: list[Book] = []
    async with open_bank(settings) as bank:
        for name, account, ours in (
            ("FS Main", settings.fs_main, FS_MAIN),
            ("FS Operating", settings.fs_operating, FS_OPERATING),
        ):
            try:
                balance = await bank.balance(account)
            except EvidenceUnavailable as away:
                books.append(NotComparable("column", name, str(away)))
            else:
                books.append(PartnerBook("column", name, balance.currency, balance.minor_units, (ours,)))
    return books


async def _paypal(house: House) -> Book:
    """What we have at PayPal: a payout has left it when PayPal took its batch in."""
    async with open_paypal_books(house.settings.paypal) as paypal:
        try:
            balance = await paypal.balance("USD")
        except EvidenceUnavailable as away:
            return NotComparable("paypal", "balance", str(away))
    return PartnerBook("paypal", "balance", balance.currency, balance.minor_units, (PAYPAL,))


async def _taken(gateway: GatewayBooks, batches: Sequence[tuple[str, str]]) -> Money:
    amounts = [await gateway.taken(merch_nbr, batch_id) for merch_nbr, batch_id in batches]
    return Money.total(amounts, "USD") - await gateway.returned()
