"""The nightly look at three books: Chek's wallets and programmes, all that Chek keeps, and the ledger."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from temporalio import activity

from activities.heartbeat import heartbeats
from activities.partner_books_chek import chek_books
from contracts.childcare_calendar import RECONCILE, ReconciliationReport
from db.engine import Database
from db.flows.chek_balances import close_case
from db.ledger.partner_book import PartnerBook
from db.ledger.partner_books import partner_books_agree
from db.ledger.report import Difference, NotComparable
from db.queries import case_file
from domain.childcare_accounts import CHEK_CASH, CHEK_IN_TRANSIT
from rails.chek.client import ChekClient

ACTOR = "childcare/books"
CASE, SUBJECT = "reconciliation_differs", "chek-book"

# What is on cards can be read nowhere: the ledger's own word stands in for it. A colon before a word is escaped: it
# would be a bound value's name.
_KEPT_UNREAD = text(
    r"""
    select coalesce(sum(l.amount), 0)::bigint from ledger.line l
    where l.organization_id = :organization and l.layer = 'posted' and ledger.fits(l.code, 'provider\:*\:card')
    """
)
_UNDER_WAY = text(
    """
    select exists (select from money_call where organization_id = :organization and rail = 'chek'
        and state in ('recorded', 'sending', 'unknown', 'needs_person'))
    """
)


class ChildcareBooks:
    """Reads twice where something differs: a payment between two readings is no difference. `chek` may be None."""

    def __init__(self, database: Database, chek: ChekClient | None, readings_apart_seconds: float) -> None:
        self._database = database
        self._chek = chek
        self._readings_apart_seconds = readings_apart_seconds

    @activity.defn(name=RECONCILE)
    async def reconcile(self) -> ReconciliationReport:
        """Compare every balance; open a case for each that differs, close those that agree again."""
        if self._chek is None:
            return ReconciliationReport(compared=0, differing=0, agreed_again=0, unread=0)
        async with heartbeats():
            books = await self._books(self._chek)
            found = await self._differing(books)
            if found:
                await asyncio.sleep(self._readings_apart_seconds)
                books = await self._books(self._chek)
                found = {name: told for name, told in (await self._differing(books)).items() if name in found}
            compared = [book for book in books if isinstance(book, PartnerBook)]
            again = 0
            for book in compared:
                again += await self._write(book, found.get((book.organization_id, book.name)))
        unread = sum(isinstance(book, NotComparable) and book.name != "cards" for book in books)
        return ReconciliationReport(compared=len(compared), differing=len(found), agreed_again=again, unread=unread)

    async def _books(self, chek: ChekClient) -> Sequence[PartnerBook | NotComparable]:
        """Each wallet and programme, and for each organization all that Chek keeps, where nothing is under way."""
        books = await chek_books(self._database, chek)
        each = [book for book in books if isinstance(book, PartnerBook)]
        unread = any(isinstance(book, NotComparable) and book.name != "cards" for book in books)
        for organization_id in {book.organization_id for book in each if book.organization_id is not None}:
            own = [book for book in each if book.organization_id == organization_id]
            whole = None if unread else await self._whole(organization_id, own)
            if whole is not None:
                books.append(whole)
        return books

    async def _whole(self, organization_id: UUID, own: Sequence[PartnerBook]) -> PartnerBook | None:
        async with self._database.unit_of_work(organization_id, actor=ACTOR) as uow:
            values = {"organization": organization_id}
            if (await uow.connection.execute(_UNDER_WAY, values)).scalar_one():
                return None
            cards = int((await uow.connection.execute(_KEPT_UNREAD, values)).scalar_one())
        kept = sum(book.balance for book in own) + cards
        return PartnerBook("chek", "everything", "USD", kept, (CHEK_CASH, CHEK_IN_TRANSIT), organization_id)

    async def _differing(
        self, books: Sequence[PartnerBook | NotComparable]
    ) -> dict[tuple[UUID | None, str], Difference]:
        found = {}
        async with self._database.across_organizations(actor=ACTOR) as uow:
            connection = await uow.driver()
            for book in books:
                if isinstance(book, PartnerBook):
                    for difference in await partner_books_agree(connection, [book]):
                        found[book.organization_id, book.name] = difference
        return found

    async def _write(self, book: PartnerBook, difference: Difference | None) -> bool:
        """A case for what differs, once; True where one is closed because the books agree again."""
        if book.organization_id is None:
            return False
        async with self._database.unit_of_work(book.organization_id, actor=ACTOR) as uow:
            known = await case_file.is_open(uow, CASE, SUBJECT, book.name)
            if difference is not None and not known:
                evidence = {"ledger": difference.expected, "chek": difference.found, "accounts": list(book.accounts)}
                await uow.open_case(
                    CASE, SUBJECT, book.name, f"Chek's {book.name} is not what the ledger says", evidence
                )
            if difference is None and known:
                await close_case(uow, SUBJECT, book.name, "the books agree again", kind=CASE)
                return True
        return False
