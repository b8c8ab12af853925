"""A random walk over ACH entries: the real steps, rail and inbox against the gateway's pretend, without Temporal."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from sqlalchemy import RowMapping, text

from activities.house import House
from activities.money_call import MoneyCalls
from contracts.money_call import PerformMoneyCall
from db.ledger.check import check_books
from db.queries.ach import flow_of
from db.unit_of_work import UnitOfWork
from domain.bank_account import AccountNumber, AccountType
from domain.errors import BursarError
from domain.money import Money
from services import ach, ach_credit, ach_void
from worker import loops

Start = Callable[[UnitOfWork], Awaitable[RowMapping]]
ON_ITS_WAY, NOT_TAKEN = ("accepted", "originated"), ("declined", "not_found", "canceled")
SIGN = {("DEBIT", "debit"): 1, ("DEBIT", "credit"): -1, ("REFUND", "credit"): -1}


class Walk:
    """One organization with one account; every step leaves a consistent system, or raises AssertionError."""

    def __init__(self, house: House, organization_id: UUID, control: httpx.AsyncClient, owner: Any) -> None:
        self._house = house
        self._organization_id = organization_id
        self._control = control
        self._owner: asyncpg.Connection[Any] = owner
        self._calls = MoneyCalls(house.database, house.rails, house.flows, house.sender, house.finder)
        self._account: UUID | None = None
        self.did: Counter[str] = Counter()

    async def open(self, stack: AsyncExitStack) -> "Walk":
        """A merchant, an account, and the loops that hear what the gateway tells."""
        self._loops = {loop.name: loop for loop in await loops(self._house, stack)}
        terminal = {"cust_nbr": "7000", "merch_nbr": "700010", "dba_nbr": "1", "terminal_nbr": "1"}
        async with self._unit_of_work() as uow:
            merchant = await ach.create_merchant(
                uow, self._house.settings, "Walk", terminal, verification_policy="gateway_accept", per_day_limit=10**12
            )
            new = ach.NewAccount(
                merchant,
                "walker",
                AccountType.CHECKING,
                "011000015",
                AccountNumber("123456789"),
                "PPD",
                "Ann",
                "Walker",
            )
            row, _ = await ach.store_account(uow, self._house.settings, new)
        self._account = row["id"]
        for step in ("prenote", "store"):
            await self._perform("ach-account", row["id"], step)
        return self

    async def step(self, name: str, number: int) -> None:
        """Do one thing; the number chooses of what, and how much."""
        await self._owner.execute("update ach_account set is_active = true")
        settings, money = self._house.settings, Money(1_000 + number % 5_000, "USD")
        debits = await self._owner.fetch(
            "select id from ach_transaction where type = 'DEBIT' and direction = 'debit' order by id"
        )
        debit: UUID | None = debits[-1 - number % min(4, len(debits))]["id"] if debits else None
        account = self._account
        assert account is not None
        if name == "debit":
            await self._start(name, lambda uow: ach.debit(uow, account, money, None, ""))
        elif name == "payout":
            await self._start(name, lambda uow: ach_credit.pay_out(uow, account, money, ""))
        elif name == "void" and debit is not None:
            await self._start(name, lambda uow: ach_void.void(uow, settings, debit, None, ""))
        elif name == "refund" and debit is not None:
            await self._start(name, lambda uow: ach_credit.refund(uow, settings, debit, None, money, ""))
        elif name == "return":
            await self._return(number)
        elif name == "lose":
            kind = ("cut_after", "cut_before")[number % 2]
            operation = ("CKC2", "CKC3", "CKCX")[number % 3]
            await self._control.post(
                "/faults", json={"partner": "epx", "operation": operation, "kind": kind, "count": 1}
            )
        elif name == "day":
            await self._advance(timedelta(days=1))
        await self._hear()
        await self._families_hold()

    async def end(self) -> None:
        """Let everything come to rest; then our rows, our ledger and the gateway's book say the same."""
        await self._control.delete("/faults")
        await asyncio.sleep(0.6)  # send deadlines and the settling delay pass
        for _ in range(3):
            await self._advance(timedelta(days=2))
            for row in await self._owner.fetch("select * from ach_transaction where ach_state = 'submitting'"):
                await self._perform(flow_of(row), row["id"], flow_of(row).removeprefix("ach-"))
            await self._hear()
        await self._books_agree()

    async def _start(self, name: str, start: Start) -> None:
        try:
            async with self._unit_of_work() as uow:
                row = await start(uow)
        except BursarError as refusal:
            self.did[f"{name} refused: {refusal.code}"] += 1
            return
        self.did[name] += 1
        await self._perform(flow_of(row), row["id"], flow_of(row).removeprefix("ach-"))

    async def _perform(self, flow: str, flow_id: UUID, step: str) -> None:
        ask = PerformMoneyCall(organization_id=self._organization_id, flow=flow, flow_id=flow_id, step=step)
        await self._calls._perform(ask)

    async def _return(self, number: int) -> None:
        live = await self._owner.fetch(
            "select auth_guid from ach_transaction where type <> 'VOID' and auth_guid is not null"
            " and ach_state in ('accepted', 'originated', 'settled') order by id"
        )
        if live:
            guid = live[number % len(live)]["auth_guid"]
            answer = await self._control.post("/epx/entries/return", json={"auth_guid": guid, "code": "R01"})
            self.did["return"] += answer.is_success

    async def _advance(self, by: timedelta) -> None:
        async with self._house.database.across_organizations(actor="walk") as uow:
            to = await uow.business_now() + by
        (await self._control.post("/clock/advance", json={"to": to.isoformat()})).raise_for_status()
        async with self._house.database.across_organizations(actor="walk") as uow:
            await uow.connection.execute(text("select advance_business_clock(:to)"), {"to": to})

    async def _hear(self) -> None:
        await self._loops["epx-feed"].body()
        await self._owner.execute("update inbox_event set next_attempt_at = now() where state = 'waiting'")
        await self._loops["inbox"].body()

    async def _families_hold(self) -> None:
        """Never more given back than was taken; never a void beside a refund; one call for each entry."""
        wrong = await self._owner.fetch(
            "select d.id from ach_transaction d join ach_transaction c on c.parent_transaction_id = d.id"
            " where c.ach_state not in ('declined', 'not_found', 'canceled', 'returned') group by d.id"
            " having sum(c.amount) > d.amount or (bool_or(c.type = 'VOID') and count(*) > 1)"
        )
        assert not wrong, wrong

    async def _books_agree(self) -> None:
        book = (await self._control.get("/books/epx")).json()["entries"]
        theirs = {entry["tran_nbr"]: entry for entry in book}
        assert len(theirs) == len(book), "no number is used twice"
        sums: Counter[str] = Counter()
        for row in await self._owner.fetch("select * from ach_transaction"):
            entry = theirs.get(row["tran_nbr"])
            state, sign = row["ach_state"], SIGN.get((row["type"], row["direction"]), 0)
            assert state not in ("created", "submitting"), "all came to rest"
            if state in ("not_found", "canceled"):
                assert entry is None, (state, entry)
            elif row["type"] == "VOID":
                assert entry is not None
                assert entry["state"] == ("declined" if state == "declined" else "void")
            else:
                assert entry is not None
                assert entry["state"] == state, (row["type"], state, entry)
            sums["in_transit"] += sign * row["amount"] * (state in ON_ITS_WAY)
            sums["bank"] += sign * row["amount"] * (state == "settled")
        async with self._unit_of_work() as uow:
            await uow.business_now()
            for code, wanted in (("rail:epx:in_transit", "in_transit"), ("external:bank:epx", "bank")):
                balance = await uow.ledger.balance(code, "USD")
                assert (balance.posted.minor_units, balance.held.minor_units) == (sums[wanted], 0), code
        report = await check_books(self._owner)
        assert not report.differences, report.differences

    def _unit_of_work(self) -> Any:
        return self._house.database.unit_of_work(self._organization_id, actor="walk")
