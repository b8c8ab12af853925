"""Direct-pay accounts: invitation, bank setup, ACH payouts, and what becomes of them."""

from datetime import datetime
from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books, Row
from sandbox.calendar import add_banking_days, new_york, new_york_date, next_cut_off
from sandbox.chek import magic
from sandbox.chek.body import Fields, cents, choice, number, only, text
from sandbox.chek.errors import ChekError, not_found
from sandbox.chek.programs import Programs
from sandbox.chek.users import Users
from sandbox.chek.wallets import OUTSIDE, Wallets, wallet
from sandbox.clock import BusinessClock, instant_text

LAST_WINDOW = (16, 45)  # New York; what misses it leaves on the next banking day
SETTLES_AT = (18, 0)
OPENING_HOUR = 8


class DirectPay:
    def __init__(
        self, books: Books, clock: BusinessClock, agenda: Agenda, *, wallets: Wallets, users: Users, programs: Programs
    ) -> None:
        self._books = books
        self._clock = clock
        self._agenda = agenda
        self._wallets = wallets
        self._users = users
        self._programs = programs
        agenda.assign({"payout.settle": self.settle, "payout.return": self._return_due})

    def invite(self, fields: Fields) -> str:
        """A bare string. The person finishes the bank setup from Chek's own mail."""
        only(fields, "user_id")
        user = self._users.get(number(fields, "user_id"))
        if user["last_name"] == magic.UNINVITED_NAME:
            raise ChekError(400, "refused_by_name", "The invitation was refused.")
        now = instant_text(self._clock.now())
        self._books.execute(
            "INSERT OR IGNORE INTO direct_pay VALUES (?, NULL, 'Invited', NULL, NULL, ?, ?)", (user["id"], now, now)
        )
        return "Invitation sent"

    def document(self, account_id: str) -> dict[str, Any]:
        row = self._books.row("SELECT * FROM direct_pay WHERE id = ?", (account_id,))
        if row is None:
            raise not_found()
        payments = self._books.rows("SELECT * FROM payments WHERE user_id = ? ORDER BY number", (row["user_id"],))
        user = self._users.get(row["user_id"])
        return {
            "id": row["id"],
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "user": {"id": user["id"], "email": user["email"]},
            "status": row["status"],
            "bank_name": row["bank_name"],
            "last4": row["last4"],
            "type": "ach",
            "balance_owed": 0,
            "outbound_payments": [_payment_line(payment) for payment in payments],
        }

    def send_payment(self, user_id: int, fields: Fields) -> dict[str, Any]:
        """The path names the USER, not the direct-pay account. Money leaves the wallet at once."""
        only(fields, "amount", "type", "funding_source", "program_id", "internal_memo")
        choice(fields, "type", "same_day_ach")
        choice(fields, "funding_source", "wallet")
        amount = cents(fields)
        magic.check_amount(amount)
        user, owner = self._users.get(user_id), self._programs.get(number(fields, "program_id"))
        memo = text(fields, "internal_memo", required=False)
        account = self._books.row("SELECT * FROM direct_pay WHERE user_id = ?", (user_id,))
        if account is None or account["status"] != "Active":
            raise ChekError(400, "direct_pay_not_active", "The direct pay account is not active.")
        self._wallets.move(wallet(user_id), OUTSIDE, amount, "send_payment", description=memo)
        now = self._clock.now()
        payment_id = self._books.identifier("pay_", 20)
        self._books.insert(
            "payments",
            {
                "payment_id": payment_id,
                "user_id": user_id,
                "program_id": owner["id"],
                "amount": amount,
                "status": "Pending",
                "memo": memo,
                "created_at": instant_text(now),
                "updated_at": instant_text(now),
            },
        )
        self._agenda.schedule(_settlement_of(now), "payout.settle", payment_id)
        return {
            "payment_id": payment_id,
            "status": "Pending",
            "amount": amount,
            "descriptor": owner["name"][:16],
            "created": instant_text(now),
            "receiving_bank_account": {"bank_name": account["bank_name"], "last4": account["last4"]},
            "funding_source": "wallet",
            "user": {"id": user["id"], "email": user["email"]},
            "program": {"id": owner["id"], "name": owner["name"]},
        }

    def set_status(self, user_id: int, status: str, bank_name: str, last4: str) -> None:
        """Control: the person finished the setup, or the bank ended it. Only an invited person has an account."""
        if self._books.row("SELECT 1 FROM direct_pay WHERE user_id = ?", (user_id,)) is None:
            raise not_found()
        if status == "Invited":
            raise ChekError(400, "invalid_status", "Nobody is invited a second time.")
        self._books.execute(
            """UPDATE direct_pay SET status = ?, id = COALESCE(id, ?), bank_name = ?, last4 = ?, updated_at = ?
               WHERE user_id = ?""",
            (status, self._books.identifier("dp_", 12), bank_name, last4, instant_text(self._clock.now()), user_id),
        )

    def settle(self, payment_id: str) -> None:
        payment = self.payment(payment_id)
        if payment["status"] != "Pending":
            raise ChekError(409, "not_pending", f"The payment is {payment['status']}.")
        self._agenda.forget(payment_id)
        self._set_payment(payment_id, "Completed", None)
        code = magic.payout_return(payment["amount"])
        if code is not None:
            due = new_york(add_banking_days(new_york_date(self._clock.now()), 2), OPENING_HOUR)
            self._agenda.schedule(due, "payout.return", f"{payment_id}:{code}")

    def come_back(self, payment_id: str, code: str) -> None:
        """The receiving bank returns it: the money is in the wallet again."""
        payment = self.payment(payment_id)
        if payment["status"] == "Returned":
            raise ChekError(409, "already_returned", "The payment was returned already.")
        self._agenda.forget(payment_id)
        self._wallets.move(OUTSIDE, wallet(payment["user_id"]), payment["amount"], f"payout returned {code}")
        self._set_payment(payment_id, "Returned", code)

    def payment(self, payment_id: str) -> Row:
        found = self._books.row("SELECT * FROM payments WHERE payment_id = ?", (payment_id,))
        if found is None:
            raise not_found()
        return found

    def _return_due(self, subject: str) -> None:
        payment_id, code = subject.split(":")
        if self.payment(payment_id)["status"] == "Completed":
            self.come_back(payment_id, code)

    def _set_payment(self, payment_id: str, status: str, code: str | None) -> None:
        self._books.execute(
            "UPDATE payments SET status = ?, return_code = ?, updated_at = ? WHERE payment_id = ?",
            (status, code, instant_text(self._clock.now()), payment_id),
        )


def _payment_line(payment: Row) -> dict[str, Any]:
    return {
        "payment_id": payment["payment_id"],
        "amount": payment["amount"],
        "status": payment["status"],
        "return_code": payment["return_code"],
        "internal_memo": payment["memo"],
        "created": payment["created_at"],
        "updated": payment["updated_at"],
    }


def _settlement_of(now: datetime) -> datetime:
    leaves = next_cut_off(now, new_york_date(now), *LAST_WINDOW)
    return new_york(new_york_date(leaves), *SETTLES_AT)
