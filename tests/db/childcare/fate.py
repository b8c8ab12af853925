"""Random doings on a household's budgets and payments, beside a model of what Chek's wallets would hold."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from temporalio.testing import ActivityEnvironment

from activities.money_call_settle import Settler
from activities.pay_run import PayRuns
from contracts.flow import FlowInput
from db.flows.base import FlowRow
from db.flows.provider_payment_payout import come_back, settle
from db.queries import money_call as money_calls
from db.queries import provider_payment as provider_payments
from db.unit_of_work import UnitOfWork
from domain.chek_wallet import user_of
from domain.childcare_accounts import family_wallet, program_funds
from domain.childcare_month import following
from domain.errors import BursarError, WalletBusy
from domain.money import Money
from domain.money_call import LedgerLine, MoneyCall, Outcome
from domain.provider_payment import NEXT_STEP, PaymentState
from domain.reclaim import OPEN
from rails.chek.operations import movements
from services import care_day, lump_sum
from services import pay_run as pay_runs
from services import provider as providers
from services import provider_payment as payments
from services import reclaim as reclaims
from tests.db.childcare.conftest import FLOWS, Household

TABLES = {"provider-payment": "payment_intent", "reclaim": "reclaim"}
COMMANDS = {"provider-payment": ["retry", "retry", "cancel", "method_changed"], "reclaim": ["retry", "retry", "cancel"]}
SIBLING, NEXT_MONTH = 60_000, 40_000


class Fate:
    """What happens is drawn from `random`; what Chek did is kept in `chek`, cents by user."""

    def __init__(self, home: Household, random: Random) -> None:
        self.home = home
        self.random = random
        self.settler = Settler(home.database, FLOWS, deadline_seconds=5)
        self.chek: Counter[str] = Counter()
        self.program = 0
        self.allocations: list[UUID] = []
        self.in_flight: dict[UUID, MoneyCall] = {}
        self.happened: Counter[str] = Counter()

    async def fund(self) -> None:
        """Two months of a child and one of a sibling are in the family's wallet, at Chek and in the books."""
        home = self.home
        amounts = {
            home.allocation_id: 100_000,
            await home.allocate(home.sibling_id, home.month, SIBLING): SIBLING,
            await home.allocate(home.child_id, following(home.month), NEXT_MONTH): NEXT_MONTH,
        }
        self.allocations = list(amounts)
        async with home.work() as uow:
            for allocation_id, cents in amounts.items():
                line = LedgerLine(program_funds(home.program_id), family_wallet(home.family_id, allocation_id), cents)
                await uow.ledger.post(f"opening/{allocation_id}", "opening", "USD", [line], home.month)
            for provider_id in (home.provider_id, home.other_provider_id):
                method = {"direct_pay_id": "d", "direct_pay_status": "Active", "card_id": "c", "card_status": "Active"}
                await uow.connection.execute(
                    text(
                        "update provider_payment_settings set direct_pay_id = :direct_pay_id,"
                        " direct_pay_status = :direct_pay_status, card_id = :card_id, card_status = :card_status"
                        " where provider_id = :provider_id"
                    ),
                    {**method, "provider_id": provider_id},
                )
        self.chek[home.users[0]] = sum(amounts.values())
        self.program = -sum(amounts.values())

    async def pay_to_the_end(self) -> None:
        """One payment is at a bank, which may send it back."""
        home = self.home
        async with home.work() as uow:
            lump = await lump_sum.select(uow, home.allocation_id, home.provider_id, Money(1_000, "USD"), 1, 0)
            payment, _ = await payments.pay_lump_sum(uow, FLOWS, lump["id"], "")
        for _ in ("fund", "pay_out"):
            await self.step(("provider-payment", payment["id"]))
            await self.answer(refusals=0)

    async def act(self) -> None:
        """One thing happens; what the rules refuse did not happen."""
        deeds: list[Callable[[], Awaitable[None]]] = [self.select_day, self.select_lump, self.delete, self.pay]
        deeds += [self.step, self.step, self.answer]
        deeds += [self.answer, self.command, self.switch, self.select_day, self.change_day, self.restore_day]
        deeds += [self.reclaim, self.reclaim, self.settle, self.come_back, self.pay_run]
        deeds += [self.step, self.answer, self.step, self.answer, self.step, self.answer]
        deeds += [self.change_rate, self.pass_time] if self.random.random() < 0.4 else []
        deed = self.random.choice(deeds)
        try:
            await deed()
        except BursarError as refusal:
            self.happened[refusal.code] += 1
        else:
            self.happened[deed.__name__] += 1

    async def select_day(self) -> None:
        """Promise a day, of this month or the next."""
        day = self.home.month + timedelta(days=self.random.randint(0, 45))
        kind: Any = self.random.choice(["full", "half"])
        async with self.home.work() as uow:
            await care_day.select(uow, self._allocation(), self._provider(), day, kind)

    async def change_day(self) -> None:
        """Make a day full or half."""
        kind: Any = self.random.choice(["full", "half"])
        async with self.home.work() as uow:
            if day := await self._any(uow, "care_day"):
                await care_day.change(uow, day, kind)

    async def restore_day(self) -> None:
        """Promise a deleted day again."""
        async with self.home.work() as uow:
            if day := await self._any(uow, "care_day", "deleted_at is not null"):
                await care_day.restore(uow, day)

    async def change_rate(self) -> None:
        """Another rate takes effect."""
        child = self.random.choice([self.home.child_id, self.home.sibling_id])
        since = self.home.month + timedelta(days=self.random.randint(0, 45))
        half, full = self.random.randint(100, 9_000), self.random.randint(100, 16_000)
        async with self.home.work() as uow:
            await providers.set_rate(uow, self._provider(), child, since, half, full)

    async def pass_time(self) -> None:
        """Days go by, weeks lock, months end."""
        by = timedelta(days=self.random.randint(1, 4))
        await self.home.execute("select advance_business_clock(business_now() + :by)", by=by)

    async def select_lump(self) -> None:
        """Promise an amount."""
        money = Money(self.random.randint(1, 30_000), "USD")
        async with self.home.work() as uow:
            await lump_sum.select(uow, self._allocation(), self._provider(), money, 1, 0)

    async def delete(self) -> None:
        """Take back a day or lump sum."""
        async with self.home.work() as uow:
            if self.random.random() < 0.5 and (day := await self._any(uow, "care_day")):
                await care_day.delete(uow, day)
            elif lump := await self._any(uow, "lump_sum"):
                await lump_sum.delete(uow, lump)

    async def reclaim(self) -> None:
        """The programme takes back what is free, or a part of it."""
        money = None if self.random.random() < 0.1 else Money(self.random.randint(1, 10_000), "USD")
        release = self.random.random() < 0.3
        async with self.home.work() as uow:
            await reclaims.take_back(uow, FLOWS, self._allocation(), money, "unused", release_unsubmitted=release)

    async def pay(self) -> None:
        """Pay for some live days of a provider, or a lump sum."""
        async with self.home.work() as uow:
            if self.random.random() < 0.4 and (lump := await self._any(uow, "lump_sum")):
                await payments.pay_lump_sum(uow, FLOWS, lump, "")
                return
            live = text(
                "select id from care_day where deleted_at is null and provider_id = :provider"
                " and allocation_id = :allocation order by id"
            )
            rows = await uow.all(live.bindparams(provider=self._provider(), allocation=self._allocation()))
            days = [row["id"] for row in rows if self.random.random() < 0.5]
            if days:
                await payments.pay_care_days(uow, FLOWS, days, "")

    async def step(self, chosen: tuple[str, UUID] | None = None) -> None:
        """Record and send the next step of a payment or a reclaim, any or the one chosen."""
        flow, flow_id = chosen or await self._any_flow()
        if flow_id is None or flow_id in self.in_flight:
            return
        try:
            call = await self._recorded(flow, flow_id)
        except WalletBusy:
            raise
        except BursarError as refusal:
            async with self.home.work() as uow:
                row = await FLOWS[flow].lock(uow, flow_id)
                await FLOWS[flow].not_recorded(uow, row, next_step(flow, row) or "fund", refusal)
            raise
        if call is None or call.state != "recorded":
            return
        async with self.home.work() as uow:
            sent = await uow.money_calls.begin_send(call, window_seconds=60, settling_seconds=0)
        if sent is not None:
            self.in_flight[flow_id] = sent

    async def _recorded(self, flow: str, flow_id: UUID) -> MoneyCall | None:
        steps = FLOWS[flow]
        async with self.home.work() as uow:
            row = await steps.lock(uow, flow_id)
            step = next_step(flow, row)
            if step is None:
                return None
            standing = await money_calls.of_step(uow, flow, flow_id, step, steps.ordinal(row, step))
            if standing is not None:
                return standing
            new = await steps.plan(uow, row, step)
            call = await uow.money_calls.record(flow, flow_id, new, "balance_evidence", self.home.month)
            # the wallets are held, and nobody sees the call yet: what the books say is what Chek has
            assert call.expectation == {name: self.chek[user_of(name) or ""] for name in call.expectation}
            return call

    async def answer(self, *, refusals: float = 0.25) -> None:
        """Chek did what it was asked, or refused."""
        if not self.in_flight:
            return
        flow_id = self.random.choice(sorted(self.in_flight))
        call = self.in_flight.pop(flow_id)
        if self.random.random() >= refusals:
            for wallet, moved in movements(call.operation, call.request, call.money.minor_units).items():
                self.chek[user_of(wallet) or ""] += moved
            if call.operation == "reclaim":
                self.program += call.money.minor_units
            outcome = Outcome("applied", "done", "Done.", rail_id=call.id.hex)
        else:
            outcome = Outcome("refused", "chek_400", "No.", must_act="operator")
        await self.settler.settle(call, outcome, by="answer")

    async def settle(self) -> None:
        """A bank has a payout."""
        async with self.home.work() as uow:
            if payout := await self._payout(uow):
                row = await FLOWS["provider-payment"].lock(uow, payout["payment_intent_id"])
                await settle(uow, row, payout)

    async def come_back(self) -> None:
        """A bank sends a payout back, settled or not: it is in the provider's wallet again."""
        async with self.home.work() as uow:
            payout = await self._payout(uow)
            if payout is None:
                return
            row = await FLOWS["provider-payment"].lock(uow, payout["payment_intent_id"])
            standing = await provider_payments.payment_of(uow, row["id"])
            # whoever looks at the wallet waits for this transaction
            if standing is not None and await come_back(uow, row, standing, "R03"):
                self.chek[payout["provider_chek_user_id"]] += payout["amount_cents"]
                self.happened["returned"] += 1

    async def _payout(self, uow: UnitOfWork) -> RowMapping | None:
        rows = await uow.all(
            text(
                "select p.*, a.provider_chek_user_id from provider_payment p"
                " join payment_attempt a on a.id = p.payment_attempt_id"
                " where p.method = 'ach' and p.returned_at is null order by p.id"
            )
        )
        return self.random.choice(rows) if rows else None

    async def pay_run(self) -> None:
        """Everything of a few days is paid that nobody submitted."""
        first = self.home.month + timedelta(days=self.random.randint(0, 40))
        async with self.home.work() as uow:
            run = await pay_runs.start(uow, FLOWS, self.home.program_id, first, first + timedelta(days=6), 2)
        runs = PayRuns(self.home.database, FLOWS, "http://bursar.test")
        flow = FlowInput(organization_id=self.home.organization_id, id=run["id"])
        await ActivityEnvironment().run(runs.carry_on, flow)

    async def command(self) -> None:
        """Somebody asks for a retry, or to stop."""
        flow, flow_id = await self._any_flow()
        if flow_id is not None:
            async with self.home.work() as uow:
                row = await FLOWS[flow].lock(uow, flow_id)
                await FLOWS[flow].command(uow, row, self.random.choice(COMMANDS[flow]), {})

    async def switch(self) -> None:
        """A provider chooses how to be paid."""
        async with self.home.work() as uow:
            method: Any = self.random.choice(["ach", "card"])
            await providers.choose_method(uow, FLOWS, self._provider(), method)

    async def come_to_rest(self) -> None:
        """Every call is answered."""
        while self.in_flight:
            await self.answer()

    def _provider(self) -> UUID:
        return self.random.choice([self.home.provider_id, self.home.other_provider_id])

    def _allocation(self) -> UUID:
        return self.random.choice(self.allocations)

    async def _any_flow(self) -> tuple[str, UUID | None]:
        flow = "reclaim" if self.random.random() < 0.3 else "provider-payment"
        async with self.home.work() as uow:
            return flow, await self._any(uow, TABLES[flow], "ended_at is null")

    async def _any(self, uow: UnitOfWork, table: str, which: str = "true") -> UUID | None:
        rows = await uow.all(text(f"select id from {table} where {which} order by id"))
        return self.random.choice(rows)["id"] if rows else None


def next_step(flow: str, row: FlowRow) -> str | None:
    """The money step that is to be done, if one is."""
    if flow == "reclaim":
        return "reclaim" if row["state"] in OPEN else None
    return NEXT_STEP.get(PaymentState(row["state"]))
