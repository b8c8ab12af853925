"""What stories about authorizations do all the time: put one on record, charge, look at mails and at the gateway."""

from datetime import date, datetime, time, timedelta
from typing import Any

from domain.calendar import NEW_YORK, instant_at, new_york_date, next_banking_day
from domain.ids import new_id
from tests.flows.ach import merchant, stored_account
from tests.system import System

TERMS = "Write to stop@merchant.example; it takes effect at once."
EVIDENCE = {"evidence_reference": "forms/4711.pdf", "evidence_hash": "ab" * 32}


class Payers:
    """A merchant whose accounts are verified at the gateway's 00, and one customer's account."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.merchant_id = ""
        self.account: dict[str, Any] = {}

    async def begin(self, policy: str = "gateway_accept", **limits: int) -> None:
        """The merchant and the stored account."""
        self.merchant_id = await merchant(self.system, policy, **limits)
        self.account = await stored_account(self.system, self.merchant_id)

    async def to_a_morning(self) -> None:
        """Move the clock to nine o'clock, or later the same morning, of a banking day in New York."""
        now = (await self.now()).astimezone(NEW_YORK)
        day = next_banking_day(now.date())
        hours = int((instant_at(day, time(9)) - now).total_seconds() // 3600) + 1
        await self.system.advance_clock(days=hours // 24, hours=hours % 24)

    async def today(self) -> date:
        """New York's date on the business clock."""
        return new_york_date(await self.now())

    async def now(self) -> datetime:
        """The business clock."""
        async with self.system.house.database.across_organizations(actor="test") as uow:
            return await uow.business_now()

    def wanted(self, starts_on: date, **changes: Any) -> dict[str, Any]:
        """A monthly authorization of 150.00, by the changes."""
        body = {
            "account_id": self.account["id"],
            "amount": 15_000,
            "currency": "USD",
            "frequency": "monthly",
            "starts_on": starts_on.isoformat(),
            "description": "Piano lessons",
            "cancellation_terms": TERMS,
            "customer_email": "maria@example.test",
            **EVIDENCE,
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    async def authorized(self, *, in_days: int = 0, **changes: Any) -> dict[str, Any]:
        """An authorization that starts so many days from today."""
        starts_on = await self.today() + timedelta(days=in_days)
        made: dict[str, Any] = await self.system.post("/v1/ach-authorizations", self.wanted(starts_on, **changes))
        return made

    async def until(self, authorization: dict[str, Any], wanted: Any, *, seconds: float = 60) -> dict[str, Any]:
        """The authorization once it is as wanted."""
        path = f"/v1/ach-authorizations/{authorization['id']}"
        seen: dict[str, Any] = await self.system.until(path, wanted, seconds=seconds)
        return seen

    async def ask(self, path: str, body: Any) -> Any:
        """A request that may be refused: the answer as it is."""
        return await self.system.api.post(path, json=body, headers={"Idempotency-Key": new_id().hex})

    async def command(self, authorization: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        """A command that must be accepted."""
        done: dict[str, Any] = await self.system.post(f"/v1/ach-authorizations/{authorization['id']}/{verb}", body)
        return done

    async def debit(self, authorization: dict[str, Any], **changes: Any) -> Any:
        """Ask for a debit under the authorization."""
        body = {
            "account_id": self.account["id"],
            "authorization_id": authorization["id"],
            "amount": 15_000,
            "currency": "USD",
            **changes,
        }
        return await self.ask("/v1/ach-debits", body)

    async def mails(self) -> list[dict[str, Any]]:
        """What lies in the mailbox, oldest first."""
        found: list[dict[str, Any]] = (await self.system.control.get("/mailbox/messages")).json()["data"]
        return found

    async def mail(self, subject: str) -> dict[str, Any]:
        """The mail whose subject begins so, once it is there; there is only one."""

        async def look() -> list[dict[str, Any]]:
            return [mail for mail in await self.mails() if mail["subject"].startswith(subject)]

        found = await self.system.eventually(look)
        assert len(found) == 1, found
        return dict(found[0])

    async def taken(self) -> list[dict[str, Any]]:
        """The debits in the gateway's own book, oldest first."""
        book = (await self.system.control.get("/books/epx")).json()
        return [entry for entry in book["entries"] if entry["tran_type"] in ("CKC2", "CKS2")]


def periods(authorization: dict[str, Any]) -> list[tuple[str, str]]:
    """Each period's date and state, oldest first."""
    found = [(period["period_on"], period["state"]) for period in authorization["detail"]["periods"]]
    return sorted(found)


def notices(authorization: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The notices of one kind."""
    return [notice for notice in authorization["detail"]["notices"] if notice["kind"] == kind]


def charged(count: int) -> Any:
    """Whether so many periods were charged and have their receipts sent."""

    def as_wanted(seen: dict[str, Any]) -> bool:
        receipts = [notice for notice in notices(seen, "receipt") if notice["sent_at"]]
        return [state for _, state in periods(seen)].count("charged") == count and len(receipts) == count

    return as_wanted
