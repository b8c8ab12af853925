"""Authorizations on a bare database: time is moved by hand, and the gateway's and the mail server's answers are too."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text

from db.engine import Database
from db.flows import charge_terms
from db.flows.ach_authorization import AchAuthorizationSteps
from db.flows.ach_authorization_keep import Standing, keep
from db.flows.ach_authorized_debit import Charge, debit_under
from db.flows.ach_debit import token_context
from db.queries import ach as entries
from db.queries import ach_authorization as queries
from db.queries import mail as mails
from db.tables.ach import ach_account, ach_transaction
from db.tables.ach_authorization import ach_authorization_period
from db.tables.ach_notice import ach_notice
from db.tables.case_file import case_file
from domain.authorization import BASES
from domain.calendar import NEW_YORK, new_york_date
from domain.ids import new_id
from domain.money import Money
from domain.recurrence import Frequency
from services.ach import create_merchant
from services.ach_authorization import NewAuthorization, authorize
from settings import Settings

NINE = time(9)
TERMINAL = {"cust_nbr": "7000", "merch_nbr": "700010", "dba_nbr": "1", "terminal_nbr": "1"}


class Desk:
    """One organization, one merchant, one customer's verified account."""

    def __init__(self, database: Database, organization_id: UUID, settings: Settings) -> None:
        self.database = database
        self.organization_id = organization_id
        self.settings = settings
        self.steps = AchAuthorizationSteps()
        self.account_id = new_id()
        self.merchant_id = new_id()

    def work(self) -> Any:
        """A unit of work of the organization."""
        return self.database.unit_of_work(self.organization_id, actor="test")

    async def begin(self) -> None:
        """The merchant, and the account as it is once the gateway has stored it and it is verified."""
        async with self.work() as uow:
            self.merchant_id = await create_merchant(uow, self.settings, "Merchant", TERMINAL)
        self.account_id = await self.stored_account()

    async def stored_account(self, sec: str = "PPD") -> UUID:
        """Another account of the customer."""
        account_id = new_id()
        async with self.work() as uow:
            await uow.connection.execute(
                insert(ach_account).values(
                    id=account_id,
                    organization_id=self.organization_id,
                    merchant_id=self.merchant_id,
                    customer_id="customer-1",
                    account_type="checking",
                    routing_number="011000015",
                    account_number=b"sealed",
                    holder=b"sealed",
                    last_four="6789",
                    fingerprint=account_id.bytes,
                    sec=sec,
                    state="stored",
                    verification_policy="gateway_accept",
                    verification_state="verified",
                    storage_bric=uow.envelope.seal(b"BRIC", context=token_context(account_id)),
                    prenote_settles_on=date(2026, 1, 2),
                )
            )
        return account_id

    async def move_to(self, day: date, at: time = NINE) -> None:
        """Set the business clock to a time of a date in New York; it never goes back."""
        instant = datetime.combine(day, at, tzinfo=NEW_YORK)
        async with self.database.across_organizations(actor="test") as uow:
            now = (
                await uow.connection.execute(text("select advance_business_clock(:to)"), {"to": instant})
            ).scalar_one()
        assert new_york_date(now) == day, "the clock is ahead of that day already"

    async def today(self) -> date:
        """New York's date."""
        async with self.work() as uow:
            return new_york_date(await uow.business_now())

    async def authorized(self, starts_on: date, **changes: Any) -> UUID:
        """A monthly authorization of 150.00 from this date on, by the changes."""
        sec = changes.get("sec") or "PPD"
        values: dict[str, Any] = {
            "account_id": self.account_id,
            "sec": sec,
            "basis": BASES[sec][0],
            "money": Money(15_000, "USD"),
            "least": None,
            "most": None,
            "frequency": Frequency.MONTHLY,
            "starts_on": starts_on,
            "ends_on": None,
            "description": "Piano lessons",
            "cancellation_terms": "Write to us.",
            "evidence_reference": "forms/4711.pdf",
            "evidence_hash": "ab" * 32,
            "customer_email": "maria@example.test",
        }
        async with self.work() as uow:
            row = await authorize(uow, self.settings, NewAuthorization(**{**values, **changes}))
            found: UUID = row["id"]
        return found

    async def keep(self, authorization_id: UUID) -> Standing:
        """One look of the authorization's workflow."""
        async with self.work() as uow:
            return await keep(uow, authorization_id, charge_terms(self.settings))

    async def debit(self, authorization_id: UUID, **changes: Any) -> RowMapping:
        """Ask for a debit under the authorization."""
        async with self.work() as uow:
            return await debit_under(uow, Charge(authorization_id, **changes))

    async def command(self, authorization_id: UUID, name: str, **arguments: Any) -> None:
        """A command of an operator."""
        async with self.work() as uow:
            row = await self.steps.lock(uow, authorization_id)
            await self.steps.command(uow, row, name, arguments)

    async def revoke(self, authorization_id: UUID) -> bool:
        """A return says that the customer took it back."""
        async with self.work() as uow:
            return await queries.revoke(uow, authorization_id, "R07")

    async def send_mails(self, authorization_id: UUID) -> int:
        """The mail server takes what is written."""
        async with self.work() as uow:
            waiting = await mails.pending(uow, queries.FLOW, authorization_id)
            for mail_id in waiting:
                await mails.sent(uow, await mails.read(uow, mail_id))
        return len(waiting)

    async def answer(self, ach_state: str = "accepted", **more: Any) -> None:
        """The gateway answers every debit that waits."""
        async with self.work() as uow:
            now = await uow.business_now()
            for row in await uow.all(select(ach_transaction).where(ach_transaction.c.ach_state == "created")):
                await entries.change_transaction(
                    uow, row["id"], ach_state, ach_state=ach_state, processed_at=now, **more
                )

    async def come_back(self, ach_state: str = "returned", **more: Any) -> None:
        """Every debit that was taken and has not come back does."""
        async with self.work() as uow:
            for row in await uow.all(select(ach_transaction).where(ach_transaction.c.ach_state == "accepted")):
                await entries.change_transaction(uow, row["id"], "returned", ach_state=ach_state, **more)

    async def row(self, authorization_id: UUID) -> RowMapping:
        """The authorization."""
        async with self.work() as uow:
            return await queries.get(uow, authorization_id)

    async def periods(self, authorization_id: UUID) -> list[RowMapping]:
        """Its periods, earliest first."""
        table = ach_authorization_period
        async with self.work() as uow:
            found: list[RowMapping] = await uow.all(
                select(table).where(table.c.authorization_id == authorization_id).order_by(table.c.period_on)
            )
        return found

    async def debits(self) -> list[RowMapping]:
        """Every debit, oldest first."""
        async with self.work() as uow:
            found: list[RowMapping] = await uow.all(select(ach_transaction).order_by(ach_transaction.c.id))
        return found

    async def notices(self, kind: str) -> list[RowMapping]:
        """The notices of one kind, oldest first."""
        async with self.work() as uow:
            found: list[RowMapping] = await uow.all(
                select(ach_notice).where(ach_notice.c.kind == kind).order_by(ach_notice.c.id)
            )
        return found

    async def cases(self) -> list[str]:
        """The kinds of the open cases."""
        async with self.work() as uow:
            return [row["kind"] for row in await uow.all(select(case_file.c.kind).where(case_file.c.state == "open"))]


def days(count: int) -> timedelta:
    """So many days."""
    return timedelta(days=count)
