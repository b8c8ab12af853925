"""Whatever is asked in whatever order: money never appears or vanishes in a partner's book."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.chek.config import ChekConfig, Program
from sandbox.chek.errors import ChekError
from sandbox.chek.partner import Chek
from sandbox.clock import BusinessClock, real_now
from sandbox.column.config import ColumnConfig
from sandbox.column.errors import ColumnError
from sandbox.column.partner import Column

AMOUNTS = st.integers(1, 60_000)
BEGIN = datetime(2026, 11, 23, 15, tzinfo=UTC)
FEW = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
ADDRESS = {"line1": "1", "city": "Denver", "state": "CO", "postal_code": "80202", "country_code": "US"}


def pass_days(partner: Chek | Column, clock: BusinessClock, days: int) -> None:
    until = clock.now() + timedelta(days=days)
    while (due := partner.agenda.next_due()) is not None and due <= until:
        partner.agenda.run_next()
    clock.move_to(until)


class ChekMoney(RuleBasedStateMachine):
    """Programme, three wallets and a card; everything else is outside."""

    @initialize()
    def begin(self) -> None:
        self.clock = BusinessClock(BEGIN - real_now())
        self.chek = Chek(ChekConfig(programs=(Program(501, "Childcare", 200_000),)), None, self.clock)
        self.users = [self.person(number) for number in range(3)]
        self.card = int(self.chek.cards.create(self.users[0], self.card_request(0))["card"]["id"])

    def person(self, number: int) -> int:
        fields = {"email": f"a{number}@x.org", "phone": "+13035550100", "first_name": "A", "last_name": "B"}
        user_id: int = self.chek.users.create(fields | {"address": ADDRESS})["id"]
        self.chek.direct_pay.invite({"user_id": user_id})
        self.chek.direct_pay.set_status(user_id, "Active", "BANK", "6789")
        return user_id

    @staticmethod
    def card_request(amount: int) -> dict[str, object]:
        return {"program_id": 501, "funding_method": "wallet_balance", "amount": amount}

    def balances(self) -> dict[tuple[str, int], int]:
        return {(row["kind"], row["id"]): row["balance"] for row in self.chek.book()["balances"]}

    def attempt(self, act: object, *arguments: object) -> None:
        """As the HTTP face does it: one transaction; a refusal must change nothing."""
        before = self.balances()
        try:
            with self.chek.books.transaction():
                act(*arguments)  # type: ignore[operator]
        except ChekError:
            assert self.balances() == before

    @rule(
        user=st.integers(0, 2),
        other=st.integers(0, 2),
        direction=st.sampled_from(["program_to_wallet", "wallet_to_program", "wallet_to_wallet"]),
        amount=AMOUNTS,
    )
    def transfer(self, user: int, other: int, direction: str, amount: int) -> None:
        target = str(self.users[other]) if direction == "wallet_to_wallet" else "501"
        fields = {"flow_direction": direction, "program_id": target, "counterparty_id": target, "amount": amount}
        self.attempt(self.chek.balance_transfers.of_user, self.users[user], fields)

    @rule(
        direction=st.sampled_from(["allocate_to_card", "remit_from_card"]),
        method=st.sampled_from(["wallet", "program"]),
        amount=AMOUNTS,
    )
    def card_transfer(self, direction: str, method: str, amount: int) -> None:
        fields = {"direction": direction, "funding_method": method, "amount": amount}
        self.attempt(self.chek.balance_transfers.of_card, self.card, fields)

    @rule(user=st.integers(0, 2), amount=st.one_of(AMOUNTS, st.integers(66_600, 66_685)))
    def pay(self, user: int, amount: int) -> None:
        fields = {"amount": amount, "type": "same_day_ach", "funding_source": "wallet", "program_id": 501}
        self.attempt(self.chek.direct_pay.send_payment, self.users[user], fields)

    @rule(user=st.integers(0, 2), amount=AMOUNTS)
    def new_card(self, user: int, amount: int) -> None:
        self.attempt(self.chek.cards.create, self.users[user], self.card_request(amount))

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        pass_days(self.chek, self.clock, days)

    @invariant()
    def balances_are_the_sum_of_the_transfers_and_never_negative(self) -> None:
        book = self.chek.book()
        sums: dict[tuple[str, int], int] = {}
        for transfer in book["transfers"]:
            for side, sign in (("from", -1), ("to", 1)):
                holder = (transfer[f"{side}_kind"], transfer[f"{side}_id"])
                sums[holder] = sums.get(holder, 0) + sign * transfer["amount"]
        assert sum(sums.values()) == 0
        paid = sum(payment["amount"] for payment in book["payments"] if payment["status"] != "Returned")
        assert sums[("outside", 0)] == paid - 200_000
        for holder, balance in self.balances().items():
            assert balance == sums.get(holder, 0) >= 0

    def teardown(self) -> None:
        asyncio.run(self.chek.close())


class ColumnMoney(RuleBasedStateMachine):
    """Two accounts, outgoing ACH with all its ends, checks, and keys that repeat."""

    @initialize()
    def begin(self) -> None:
        self.clock = BusinessClock(BEGIN - real_now())
        self.column = Column(ColumnConfig(), None, self.clock)
        self.deposited = 0
        self.transfers: list[str] = []

    def balances(self) -> dict[str, int]:
        return {row["id"]: row["available"] for row in self.column.book()["bank_accounts"]}

    def attempt(self, act: object, *arguments: object) -> object:
        before = self.balances()
        try:
            with self.column.books.transaction():
                return act(*arguments)  # type: ignore[operator]
        except ColumnError:
            assert self.balances() == before
            return None

    @rule(account=st.sampled_from(["bacc_fs_main", "bacc_fs_operating"]), amount=AMOUNTS)
    def deposit(self, account: str, amount: int) -> None:
        self.column.deposit(account, amount, "")
        self.deposited += amount

    @rule(amount=AMOUNTS, out=st.booleans())
    def book_transfer(self, amount: int, out: bool) -> None:
        accounts = ("bacc_fs_main", "bacc_fs_operating")
        sender, receiver = accounts if out else accounts[::-1]
        fields = {
            "amount": str(amount),
            "currency_code": "USD",
            "sender_bank_account_id": sender,
            "receiver_bank_account_id": receiver,
        }
        self.attempt(self.column.book_transfers.create, fields, "k")

    @rule(amount=AMOUNTS, account=st.sampled_from(["123456789", "990009002", "990009501", "990009600", "990009700"]))
    def ach(self, amount: int, account: str) -> None:
        party = {"name": "A", "account_number": account, "routing_number": "011000015"}
        fields = {
            "amount": str(amount),
            "currency_code": "USD",
            "type": "CREDIT",
            "counterparty": party,
            "account_number_id": "acno_fs_main",
        }
        document = self.attempt(self.column.ach_transfers.create, fields, "k")
        if isinstance(document, dict):
            self.transfers.append(document["id"])

    @rule(data=st.data(), action=st.sampled_from(["cancel", "return", "reverse", "settle"]))
    def meddle(self, data: st.DataObject, action: str) -> None:
        if not self.transfers:
            return
        transfer = data.draw(st.sampled_from(self.transfers))
        if action == "cancel":
            self.attempt(self.column.ach_network.cancel, transfer)
        elif action == "return":
            self.attempt(self.column.ach_network.come_back, transfer, "R02")
        elif action == "settle":
            self.attempt(self.column.ach_network.settle_now, transfer)
        else:
            self.attempt(self.column.ach_transfers.reverse, transfer, {"reason": "x"}, "k")

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        pass_days(self.column, self.clock, days)

    @invariant()
    def balances_are_their_lines_and_all_money_is_accounted_for(self) -> None:
        book = self.column.book()
        balances = self.balances()
        for account, balance in balances.items():
            lines = [line["amount"] for line in book["lines"] if line["bank_account_id"] == account]
            assert balance == sum(lines)
        returned_reversals = [t for t in book["transfers"] if t.get("type") == "DEBIT" and t["status"] == "RETURNED"]
        assert min(balances.values()) >= 0 or returned_reversals  # only the network may overdraw
        gone = 0
        for transfer in book["transfers"]:
            if transfer["kind"] != "ach":
                continue
            if transfer["type"] == "CREDIT" and transfer["status"] not in ("RETURNED", "CANCELED"):
                gone += transfer["amount"]
            if transfer["type"] == "DEBIT" and transfer["status"] in ("SETTLED", "COMPLETED"):
                gone -= transfer["amount"]
        assert sum(balances.values()) == self.deposited - gone

    def teardown(self) -> None:
        asyncio.run(self.column.close())


TestChekMoney = pytest.mark.filterwarnings("error")(ChekMoney.TestCase)
TestChekMoney.settings = FEW
TestColumnMoney = pytest.mark.filterwarnings("error")(ColumnMoney.TestCase)
TestColumnMoney.settings = FEW
