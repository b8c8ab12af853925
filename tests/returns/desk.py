"""Returns without a gateway: a merchant with a stored account, entries that the gateway took, and its feed by hand."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update

from activities.inbox import Inbox
from activities.inbox_epx import EpxEvents
from activities.inbox_store import InboxStore
from activities.money_call_find import Backoff
from activities.money_call_settle import Settler
from db.engine import Database
from db.flows import all_flows
from db.flows.ach_account import holder_context, number_context
from db.flows.ach_debit import token_context
from db.flows.ach_return import AchReturns
from db.queries import ach as entries
from db.tables.ach import ach_account, ach_transaction
from db.tables.ach_account_change import ach_account_change
from db.tables.ach_return import ach_return
from db.tables.case_file import case_file
from domain.ids import new_id
from domain.inbox import Received
from domain.ledger_accounts import epx_in_transit, epx_settlement_bank, organization_cash, organization_uncleared
from domain.money import Money
from domain.money_call import MoneyCall, Outcome
from services.ach import create_merchant
from services.operators import add_operator
from settings import Settings

NUMBER, ROUTING = "123456789", "011000015"


@dataclass
class Entry:
    """An entry that the gateway took, and how its feed names it."""

    id: UUID
    guid: str
    tran_nbr: str
    tran_type: str
    amount: str
    account_id: UUID


@dataclass
class Desk:
    """One organization with one merchant; `settings` are the defaults."""

    database: Database
    settings: Settings
    organization_id: UUID = field(default_factory=new_id)
    merchant_id: UUID = field(default_factory=new_id)
    operator_id: UUID = field(default_factory=new_id)
    accounts: int = 0
    events: int = 0

    @property
    def terminal(self) -> str:
        """The four-part key, of this desk alone."""
        return f"7000-{self.organization_id.int % 10**15}-1-1"

    async def open(self) -> "Desk":
        name = new_id().hex
        added = await add_operator(
            self.database, organization=name, name="Ada", email=f"{name}@example.test", actor="test"
        )
        self.organization_id, self.operator_id = added.organization_id, added.operator_id
        async with self.uow() as uow:
            parts = dict(
                zip(("cust_nbr", "merch_nbr", "dba_nbr", "terminal_nbr"), self.terminal.split("-"), strict=True)
            )
            self.merchant_id = await create_merchant(uow, self.settings, "Shop", parts)
        return self

    def uow(self) -> Any:
        return self.database.unit_of_work(self.organization_id, actor="test")

    def inbox(self) -> Inbox:
        returns = AchReturns(pause_banking_days=1)
        handler = EpxEvents(all_flows(self.settings), returns)
        return Inbox(self.database, {"epx": handler}, backoff=Backoff(0, 0), case_after_seconds=3600)

    async def opted_in(self) -> None:
        async with self.uow() as uow:
            await uow.connection.execute(text("update merchant set reinitiate_returns = true"))

    async def account(self, number: str = "", **values: Any) -> UUID:
        """A stored, verified account with a token."""
        self.accounts += 1
        number = number or str(100_000_000 + self.accounts)
        account_id = new_id()
        async with self.uow() as uow:
            kind = values.get("account_type", "checking")
            row = {
                "id": account_id,
                "merchant_id": self.merchant_id,
                "customer_id": f"customer-{self.accounts}",
                "account_type": kind,
                "routing_number": ROUTING,
                "account_number": uow.envelope.seal(number.encode(), context=number_context(account_id)),
                "holder": uow.envelope.seal(b'{"FIRST_NAME":"M","LAST_NAME":"K"}', context=holder_context(account_id)),
                "last_four": number[-4:],
                "fingerprint": uow.fingerprint.of("ach_account", kind, ROUTING, number),
                "sec": "PPD",
                "verification_policy": "gateway_accept",
                "state": "stored",
                "verification_state": "verified",
                "storage_bric": uow.envelope.seal(b"09LMQSTORED00000001", context=token_context(account_id)),
                **values,
            }
            await entries.add_account(uow, row)
        return account_id

    async def entry(
        self, account_id: UUID | None = None, amount: int = 15_000, *, applied: bool = True, **values: Any
    ) -> Entry:
        """A debit that the gateway took."""
        account_id = account_id or await self.account()
        entry_id = new_id()
        async with self.uow() as uow:
            today = (await uow.business_now()).date()
            row = {
                "id": entry_id,
                "merchant_id": self.merchant_id,
                "customer_id": "customer",
                "account_id": account_id,
                "type": "DEBIT",
                "direction": "debit",
                "amount": amount,
                "currency": "USD",
                "sec": "PPD",
                "ach_state": "created",
                "business_date": today,
                **values,
            }
            await entries.add_transaction(uow, row)
        return await self.taken(entry_id, applied=applied)

    async def taken(self, entry_id: UUID, *, applied: bool = True) -> Entry:
        """Hand an entry to a gateway that says 00."""
        flows = all_flows(self.settings)
        async with self.uow() as uow:
            flow = flows[entries.flow_of(await entries.get_transaction(uow, entry_id))]
            row = await flow.lock(uow, entry_id)
            step = flow.flow.removeprefix("ach-")
            new = await flow.plan(uow, row, step)
            call = await uow.money_calls.record(flow.flow, entry_id, new, "query", row["business_date"])
        guid = f"09LMQ{int(call.rail_reference):014d}"
        if applied:
            await self.answered(call, guid)
        return Entry(entry_id, guid, call.rail_reference, call.operation, call.money.decimal_text(), row["account_id"])

    async def answered(self, call: MoneyCall, guid: str) -> None:
        """The gateway's answer, settled."""
        async with self.uow() as uow:
            sent = await uow.money_calls.begin_send(call, window_seconds=5, settling_seconds=0)
        assert sent is not None
        settler = Settler(self.database, all_flows(self.settings), deadline_seconds=5)
        assert await settler.settle(sent, Outcome("applied", "00", "ACCEPTED", rail_id=guid), by="answer")

    def notice(self, entry: Entry, code: str, **columns: str) -> dict[str, str]:
        """A row of the returns feed."""
        return {
            "KIND": "noc" if code.startswith("C") else "return",
            "TERMINAL": self.terminal,
            "AUTH_GUID": entry.guid,
            "TRAN_NBR": entry.tran_nbr,
            "TRAN_TYPE": entry.tran_type,
            "AMOUNT": entry.amount,
            "RETURN_CODE": code,
            "RETURN_DATE": "2026-11-27",
            "ADDENDA": "",
            "CORRECTED_DATA": "",
            **columns,
        }

    async def hear(self, row: dict[str, str], event_id: str = "", *, prefix: str = "returns") -> bool:
        """Store a row of a feed; nothing is processed yet."""
        self.events += 1
        event_id = f"{event_id or f'{prefix}/E{self.events}'}-{self.organization_id.hex}"
        received = Received("epx", event_id, row["KIND"], row["AUTH_GUID"], json.dumps(row).encode(), row["TRAN_NBR"])
        return await InboxStore(self.database).store(received)

    async def moved(self, entry: Entry, kind: str) -> None:
        """Hear of an origination or settlement."""
        row = self.notice(entry, "", KIND=kind)
        await self.hear(row, f"settlements/{entry.tran_nbr}-{kind}")

    async def process(self, times: int = 1) -> None:
        """Look at everything that is due, some times over."""
        for _ in range(times):
            await self.inbox().process_due(limit=1000)

    async def returned(self, entry: Entry, code: str, **columns: str) -> dict[str, Any]:
        """A settled entry comes back; the return's row."""
        await self.moved(entry, "settled")
        await self.hear(self.notice(entry, code, **columns))
        await self.process()
        return await self.return_of(entry)

    # -- what a person would see -------------------------------------------------------------------------------------

    async def rows(self, table: Any, *where: Any) -> list[dict[str, Any]]:
        async with self.uow() as uow:
            return [dict(row) for row in await uow.all(select(table).where(*where).order_by(table.c.id))]

    async def return_of(self, entry: Entry) -> dict[str, Any]:
        return (await self.rows(ach_return, ach_return.c.transaction_id == entry.id))[-1]

    async def transaction(self, entry_id: UUID) -> dict[str, Any]:
        return (await self.rows(ach_transaction, ach_transaction.c.id == entry_id))[0]

    async def account_row(self, account_id: UUID) -> dict[str, Any]:
        return (await self.rows(ach_account, ach_account.c.id == account_id))[0]

    async def changes(self, account_id: UUID) -> list[dict[str, Any]]:
        return await self.rows(ach_account_change, ach_account_change.c.account_id == account_id)

    async def cases(self, *, state: str = "open") -> list[str]:
        return sorted(row["kind"] for row in await self.rows(case_file, case_file.c.state == state))

    async def balances(self) -> dict[str, int]:
        """What the accounts of the organization's ACH stand at, by their last words."""
        codes = {
            "uncleared": organization_uncleared(self.organization_id),
            "cash": organization_cash(self.organization_id),
            "in_transit": epx_in_transit(),
            "bank": epx_settlement_bank(),
        }
        found: dict[str, int] = {}
        async with self.uow() as uow:
            for name, code in codes.items():
                found[name] = (await uow.ledger.balance(code, "USD")).posted.minor_units
        return found

    async def set_entry(self, entry_id: UUID, **values: Any) -> None:
        async with self.uow() as uow:
            await uow.connection.execute(
                update(ach_transaction).where(ach_transaction.c.id == entry_id).values(**values)
            )

    async def later(self, **by: int) -> datetime:
        """Move the business clock; returns where it stands."""
        async with self.database.across_organizations(actor="test") as uow:
            to = await uow.business_now() + timedelta(**by)
            await uow.connection.execute(text("select advance_business_clock(:to)"), {"to": to})
        return to.astimezone(UTC)


def dollars(minor_units: int) -> str:
    """As the gateway prints it."""
    return Money(minor_units, "USD").decimal_text()
