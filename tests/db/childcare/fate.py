"""Random doings on a household's budgets and payments, beside a model of what Chek's wallets would hold."""

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text

from activities.money_call_settle import Settler
from db.queries import money_call as money_calls
from db.queries import provider_payment
from db.unit_of_work import UnitOfWork
from domain.chek_wallet import user_of
from domain.childcare_accounts import family_wallet, program_funds
from domain.errors import BursarError, WalletBusy
from domain.money import Money
from domain.money_call import LedgerLine, MoneyCall, Outcome
from domain.provider_payment import NEXT_STEP, PaymentState
from rails.chek.operations import movements
from services import care_day, lump_sum
from services import provider as providers
from services import provider_payment as payments
from tests.db.childcare.conftest import FLOWS, MONTH, Household

STEPS = FLOWS["provider-payment"]


class Fate:
    """What happens is drawn from `random`; what Chek did is kept in `chek`, cents by user."""

    def __init__(self, home: Household, random: Random) -> None:
        self.home = home
        self.random = random
        self.settler = Settler(home.database, FLOWS, deadline_seconds=5)
        self.chek: Counter[str] = Counter()
        self.in_flight: dict[UUID, MoneyCall] = {}
        self.happened: Counter[str] = Counter()

    async def fund(self) -> None:
        """The allocation's money is in the family's wallet, at Chek and in the books."""
        home = self.home
        lines = [LedgerLine(program_funds(home.program_id), family_wallet(home.family_id, home.allocation_id), 100_000)]
        async with home.work() as uow:
            await uow.ledger.post("opening", "opening", "USD", lines, MONTH)
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
        self.chek[home.users[0]] = 100_000

    async def act(self) -> None:
        """One thing happens; what the rules refuse did not happen."""
        deeds = [self.select_day, self.select_lump, self.delete, self.pay, self.step, self.step, self.answer]
        deeds += [self.answer, self.command, self.switch]
        deed = self.random.choice(deeds)
        try:
            await deed()
        except BursarError as refusal:
            self.happened[refusal.code] += 1
        else:
            self.happened[deed.__name__] += 1

    async def select_day(self) -> None:
        """Promise a day."""
        day = MONTH.replace(day=self.random.randint(1, 30))
        kind = self.random.choice(["full", "half"])
        async with self.home.work() as uow:
            await care_day.select(uow, self.home.allocation_id, self._provider(), day, kind)  # type: ignore[arg-type]

    async def select_lump(self) -> None:
        """Promise an amount."""
        money = Money(self.random.randint(1, 30_000), "USD")
        async with self.home.work() as uow:
            await lump_sum.select(uow, self.home.allocation_id, self._provider(), money, 1, 0)

    async def delete(self) -> None:
        """Take back a day or lump sum."""
        async with self.home.work() as uow:
            if self.random.random() < 0.5 and (day := await self._any(uow, "care_day")):
                await care_day.delete(uow, day)
            elif lump := await self._any(uow, "lump_sum"):
                await lump_sum.delete(uow, lump)

    async def pay(self) -> None:
        """Pay for some live days of a provider, or a lump sum."""
        async with self.home.work() as uow:
            if self.random.random() < 0.4 and (lump := await self._any(uow, "lump_sum")):
                await payments.pay_lump_sum(uow, FLOWS, lump, "")
                return
            live = "select id from care_day where deleted_at is null and provider_id = :provider order by id"
            rows = await uow.all(text(live).bindparams(provider=self._provider()))
            days = [row["id"] for row in rows if self.random.random() < 0.5]
            if days:
                await payments.pay_care_days(uow, FLOWS, days, "")

    async def step(self) -> None:
        """Record and send the next step of a payment."""
        async with self.home.work() as uow:
            payment = await self._any(uow, "payment_intent")
        if payment is None or payment in self.in_flight:
            return
        try:
            call = await self._recorded(payment)
        except WalletBusy:
            raise
        except BursarError as refusal:
            async with self.home.work() as uow:
                row = await STEPS.lock(uow, payment)
                step = NEXT_STEP.get(PaymentState(row["state"]), "fund")
                await STEPS.not_recorded(uow, row, step, refusal)
            raise
        if call is None or call.state != "recorded":
            return
        async with self.home.work() as uow:
            sent = await uow.money_calls.begin_send(call, window_seconds=60, settling_seconds=0)
        if sent is not None:
            self.in_flight[payment] = sent

    async def _recorded(self, payment: UUID) -> MoneyCall | None:
        async with self.home.work() as uow:
            row = await STEPS.lock(uow, payment)
            step = NEXT_STEP.get(PaymentState(row["state"]))
            if step is None:
                return None
            standing = await money_calls.of_step(uow, STEPS.flow, payment, step, STEPS.ordinal(row, step))
            if standing is not None:
                return standing
            new = await STEPS.plan(uow, row, step)
            call = await uow.money_calls.record(STEPS.flow, payment, new, "balance_evidence", MONTH)
            # the wallets are held, and nobody sees the call yet: what the books say is what Chek has
            assert call.expectation == {name: self.chek[user_of(name) or ""] for name in call.expectation}
            return call

    async def answer(self) -> None:
        """Chek did what it was asked, or refused."""
        if not self.in_flight:
            return
        payment = self.random.choice(sorted(self.in_flight))
        call = self.in_flight.pop(payment)
        if self.random.random() < 0.75:
            for wallet, moved in movements(call.operation, call.request, call.money.minor_units).items():
                self.chek[user_of(wallet) or ""] += moved
            outcome = Outcome("applied", "done", "Done.", rail_id=call.id.hex)
        else:
            outcome = Outcome("refused", "chek_400", "No.", must_act="operator")
        await self.settler.settle(call, outcome, by="answer")

    async def command(self) -> None:
        """Somebody asks for a retry, or to stop."""
        async with self.home.work() as uow:
            payment = await self._any(uow, "payment_intent")
            if payment is not None:
                row = await STEPS.lock(uow, payment)
                await STEPS.command(uow, row, self.random.choice(["retry", "retry", "cancel", "method_changed"]), {})

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

    async def _any(self, uow: UnitOfWork, table: str) -> UUID | None:
        rows = await uow.all(text(f"select id from {table} order by id"))
        return self.random.choice(rows)["id"] if rows else None


async def paid_items(uow: UnitOfWork) -> Counter[UUID]:
    """How often each day and lump sum was paid."""
    count: Counter[UUID] = Counter()
    for payment in await uow.all(text("select payment_intent_id from provider_payment")):
        for item in await provider_payment.items(uow, payment["payment_intent_id"]):
            count[item["care_day_id"] or item["lump_sum_id"]] += 1
    return count
