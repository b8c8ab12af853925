"""A random walk over ACH entries: the real steps, rail and inbox against the gateway's pretend, without Temporal."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from sqlalchemy import RowMapping, text

from activities.house import House
from activities.money_call import MoneyCalls
from contracts.money_call import PerformMoneyCall
from db.flows.ach_authorized_debit import Charge, debit_under
from db.flows.ach_reinitiation import reinitiate
from db.queries.ach import flow_of
from db.unit_of_work import UnitOfWork
from domain.bank_account import AccountNumber, AccountType
from domain.calendar import new_york_date
from domain.errors import BursarError
from domain.money import Money
from services import ach, ach_authorization, ach_credit, ach_void
from tests.flows.ach_walk_books import WalkBooks
from worker import loops

Start = Callable[[UnitOfWork], Awaitable[RowMapping]]
RETURN_CODES = ("R01", "R09", "R01", "R02", "R10", "R11")
CHANGE_CODES = ("C01", "C02", "C03", "C05", "C06", "C09")
LOST = ("CKC2", "CKC3", "CKCX", "CKS2", "CKS3", "CKSX", "CKC8", "CKS8")
UNUSABLE = frozenset({"account_disabled", "account_on_hold"})


class Walk:
    """One organization with one usable account; each step leaves a consistent system, or raises AssertionError."""

    def __init__(self, house: House, organization_id: UUID, control: httpx.AsyncClient, owner: Any) -> None:
        self._house = house
        self._organization_id = organization_id
        self._control = control
        self._owner: asyncpg.Connection[Any] = owner
        self._calls = MoneyCalls(house.database, house.rails, house.flows, house.sender, house.finder)
        self._books = WalkBooks(control, owner, self._unit_of_work)
        self._numbers = count(200_000_001)
        self._account: UUID
        self.did: Counter[str] = Counter()

    async def open(self, stack: AsyncExitStack) -> "Walk":
        """A merchant that has entries sent again, an account, and the loops that hear what the gateway tells."""
        self._loops = {loop.name: loop for loop in await loops(self._house, stack)}
        terminal = {"cust_nbr": "7000", "merch_nbr": "700010", "dba_nbr": "1", "terminal_nbr": "1"}
        async with self._unit_of_work() as uow:
            self._merchant = await ach.create_merchant(
                uow, self._house.settings, "Walk", terminal, verification_policy="gateway_accept", per_day_limit=10**12
            )
            await uow.connection.execute(text("update merchant set reinitiate_returns = true"))
        await self._account_step(0)
        return self

    async def step(self, name: str, number: int) -> None:
        """Do one thing; the number chooses of what, and how much."""
        await getattr(self, f"_{name}_step")(number)
        await self._settle_down()
        await self._books.families_hold()
        await self._books.states_were_legal()

    async def end(self) -> None:
        """Let everything come to rest; then our rows, our ledger and the gateway's book say the same."""
        await self._control.delete("/faults")
        await asyncio.sleep(0.6)  # send deadlines and the settling delay pass
        for _ in range(3):
            await self._advance(timedelta(days=2))
            await self._settle_down()
        await self._books.agree()

    # -- the steps ---------------------------------------------------------------------------------------------------

    async def _account_step(self, number: int) -> None:
        """Another bank account, checking or savings: what follows is debited there."""
        kind = (AccountType.CHECKING, AccountType.SAVINGS)[number % 2]
        async with self._unit_of_work() as uow:
            digits = AccountNumber(str(next(self._numbers)))
            new = ach.NewAccount(self._merchant, "walker", kind, "011000015", digits, "PPD", "Ann", "Walker")
            row, _ = await ach.store_account(uow, self._house.settings, new)
        self._account = row["id"]
        self.did["account"] += 1
        for step in ("prenote", "store"):
            await self._perform("ach-account", row["id"], step)

    async def _debit_step(self, number: int) -> None:
        usable = await self._is_active()
        refused = await self._start("debit", lambda uow: ach.debit(uow, self._account, _money(number), None, ""))
        assert usable or refused in UNUSABLE, refused
        if refused in UNUSABLE:
            await self._account_step(number)

    async def _payout_step(self, number: int) -> None:
        await self._start("payout", lambda uow: ach_credit.pay_out(uow, self._account, _money(number), ""))

    async def _void_step(self, number: int) -> None:
        debit, settings = await self._debit(number), self._house.settings
        await self._start("void", lambda uow: ach_void.void(uow, settings, debit, None, ""))

    async def _refund_step(self, number: int) -> None:
        debit, settings = await self._debit(number), self._house.settings
        await self._start("refund", lambda uow: ach_credit.refund(uow, settings, debit, None, _money(number), ""))

    async def _charge_step(self, number: int) -> None:
        """A debit under an authorization of its own; every other one is revoked before it is charged."""
        if not await self._is_active():
            await self._account_step(number)
        revoked = number % 2 == 0
        async with self._unit_of_work() as uow:
            authorization = await ach_authorization.authorize(
                uow, self._house.settings, _single(self._account, number, new_york_date(await uow.business_now()))
            )
        if revoked:
            steps = self._house.flows["ach-authorization"]
            async with self._unit_of_work() as uow:
                row = await steps.lock(uow, authorization["id"])
                await steps.command(uow, row, "cancel", {"reason": "the customer wrote"})
            self.did["revoke"] += 1
        refused = await self._start("charge", lambda uow: debit_under(uow, Charge(authorization["id"])))
        assert not revoked or refused == "authorization_cancelled", refused

    async def _return_step(self, number: int) -> None:
        guid = await self._taken(number, "accepted", "originated", "settled")
        if guid is not None:
            told = {"auth_guid": guid, "code": RETURN_CODES[number % len(RETURN_CODES)]}
            answer = await self._control.post("/epx/entries/return", json=told)
            self.did["return"] += answer.is_success

    async def _correct_step(self, number: int) -> None:
        guid = await self._taken(number, "settled")
        if guid is not None:
            told = {"auth_guid": guid, "code": CHANGE_CODES[number % len(CHANGE_CODES)]}
            answer = await self._control.post("/epx/entries/correct", json=told)
            self.did["correct"] += answer.is_success

    async def _lose_step(self, number: int) -> None:
        """The answer, or the request, of the next call of one kind is lost."""
        fault = {"partner": "epx", "operation": LOST[number % len(LOST)], "count": 1}
        await self._control.post("/faults", json=fault | {"kind": ("cut_after", "cut_before")[number % 3 == 0]})

    async def _find_out_step(self, number: int) -> None:
        """Time passes for calls in doubt: a line of the report tells at once, its absence once the batch is closed."""
        del number
        await asyncio.sleep(0.5)

    async def _day_step(self, number: int) -> None:
        await self._advance(timedelta(days=1 + number % 4))

    # -- what happens by itself --------------------------------------------------------------------------------------

    async def _settle_down(self) -> None:
        """What was told is heard, corrections are stored, returns are sent again, what waits or is in doubt goes on."""
        await self._loops["epx-feed"].body()
        await self._owner.execute("update inbox_event set next_attempt_at = now() where state = 'waiting'")
        await self._loops["inbox"].body()
        for change in await self._owner.fetch("select id from ach_account_change where state = 'pending' order by id"):
            await self._perform("ach-account-change", change["id"], "store")
            self.did["corrected"] += 1
        for row in await self._owner.fetch("select id from ach_return where reinitiation_state = 'planned'"):
            async with self._unit_of_work() as uow:
                made, _ = await reinitiate(uow, row["id"])
            self.did["sent again"] += made is not None
        open_entries = "select * from ach_transaction where ach_state in ('created', 'submitting') order by id"
        for row in await self._owner.fetch(open_entries):
            await self._perform(flow_of(row), row["id"], flow_of(row).removeprefix("ach-"))

    async def _start(self, name: str, start: Start) -> str:
        """The code of the refusal, or nothing."""
        try:
            async with self._unit_of_work() as uow:
                row = await start(uow)
        except BursarError as refusal:
            self.did[f"{name} refused: {refusal.code}"] += 1
            return refusal.code
        self.did[name] += 1
        await self._perform(flow_of(row), row["id"], flow_of(row).removeprefix("ach-"))
        return ""

    async def _perform(self, flow: str, flow_id: UUID, step: str) -> None:
        ask = PerformMoneyCall(organization_id=self._organization_id, flow=flow, flow_id=flow_id, step=step)
        await self._calls._perform(ask)

    async def _advance(self, by: timedelta) -> None:
        async with self._house.database.across_organizations(actor="walk") as uow:
            to = await uow.business_now() + by
        (await self._control.post("/clock/advance", json={"to": to.isoformat()})).raise_for_status()
        async with self._house.database.across_organizations(actor="walk") as uow:
            await uow.connection.execute(text("select advance_business_clock(:to)"), {"to": to})

    async def _is_active(self) -> bool:
        active: bool = await self._owner.fetchval("select is_active from ach_account where id = $1", self._account)
        return active

    async def _debit(self, number: int) -> UUID:
        """One of the last four."""
        debits = await self._owner.fetch(
            "select id from ach_transaction where type = 'DEBIT' and direction = 'debit' order by id desc limit 4"
        )
        found: UUID = debits[number % len(debits)]["id"]
        return found

    async def _taken(self, number: int, *states: str) -> str | None:
        """The GUID of an entry in one of these states; 0 is the newest."""
        live = await self._owner.fetch(
            "select auth_guid from ach_transaction where type <> 'VOID' and auth_guid is not null"
            " and ach_state = any($1) order by id desc",
            states,
        )
        return live[number % len(live)]["auth_guid"] if live else None

    def _unit_of_work(self) -> Any:
        return self._house.database.unit_of_work(self._organization_id, actor="walk")


def _money(number: int) -> Money:
    return Money(1_000 + number % 5_000, "USD")


def _single(account_id: UUID, number: int, today: Any) -> ach_authorization.NewAuthorization:
    return ach_authorization.NewAuthorization(
        account_id=account_id,
        sec=None,
        basis=None,
        money=_money(number),
        least=None,
        most=None,
        frequency=None,
        starts_on=today,
        ends_on=None,
        description="Piano lesson",
        cancellation_terms="Write to us; it takes effect at once.",
        evidence_reference="forms/4711.pdf",
        evidence_hash="ab" * 32,
        customer_email="ann@example.test",
    )
