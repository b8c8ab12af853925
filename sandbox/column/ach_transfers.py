"""ACH as the customer asks for it: outgoing credits, debited at once, and their reversals."""

from datetime import date

from sandbox.books import Books, Row
from sandbox.calendar import add_banking_days, new_york_date
from sandbox.clock import BusinessClock
from sandbox.column import magic
from sandbox.column.accounts import Accounts
from sandbox.column.ach_network import AchNetwork
from sandbox.column.counterparties import Counterparties
from sandbox.column.errors import ColumnError, invalid_parameter, wrong_status
from sandbox.column.form import Fields, cents, flag, group, only, text
from sandbox.column.transfers import Document, Transfers

SAME_DAY_LIMIT = 1_000_000_00
REVERSAL_BANKING_DAYS = 5


class AchTransfers:
    def __init__(
        self,
        books: Books,
        clock: BusinessClock,
        *,
        accounts: Accounts,
        counterparties: Counterparties,
        transfers: Transfers,
        network: AchNetwork,
    ) -> None:
        self._books = books
        self._clock = clock
        self._accounts = accounts
        self._counterparties = counterparties
        self._transfers = transfers
        self._network = network

    def create(self, fields: Fields, key: str) -> Document:
        """An outgoing credit. Raises ColumnError when anything is wrong or the money is not there."""
        only(fields, "amount", "currency_code", "type", "entry_class_code", "counterparty", "counterparty_id",
             "company_name", "company_entry_description", "company_discretionary_data", "description",
             "account_number_id", "bank_account_id", "same_day", "receiver_name", "receiver_id")  # fmt: skip
        amount = cents(fields, "amount")
        text(fields, "currency_code", pattern="USD")
        text(fields, "type", pattern="CREDIT")
        same_day = flag(fields, "same_day")
        if same_day and amount > SAME_DAY_LIMIT:
            raise ColumnError("ach_transfer_error", "same_day_limit_exceeded", "Too much for one same-day entry.")
        account = self._accounts.named(
            text(fields, "account_number_id", required=False), text(fields, "bank_account_id", required=False)
        )
        document: Document = {
            "id": self._books.identifier("acht_", 27),
            "type": "CREDIT",
            "idempotency_key": key,
            "amount": amount,
            "currency_code": "USD",
            "bank_account_id": account["id"],
            "account_number_id": account["account_number_id"],
            "entry_class_code": text(fields, "entry_class_code", required=False, pattern="PPD|CCD|CTX") or "PPD",
            "company_name": text(fields, "company_name", longest=16, required=False),
            "company_entry_description": text(fields, "company_entry_description", longest=10, required=False)
            or "PAYMENT",
            "company_discretionary_data": text(fields, "company_discretionary_data", longest=20, required=False),
            "description": text(fields, "description", required=False),
            "receiver_name": text(fields, "receiver_name", longest=22, required=False),
            "receiver_id": text(fields, "receiver_id", longest=15, required=False),
            "same_day": same_day,
        }
        counterparty = self._counterparty(fields)
        document["counterparty_id"] = counterparty["id"]
        behaviour = magic.account_behaviour(counterparty["account_number"])
        if behaviour.refused is not None:
            raise ColumnError("ach_transfer_error", behaviour.refused, "The transfer was refused.")
        self._accounts.move(account["id"], -amount, document["id"], "ach initiated")
        return self._network.initiate(document, reviewed=behaviour.reviewed)

    def _counterparty(self, fields: Fields) -> Row:
        inline, known = group(fields, "counterparty"), text(fields, "counterparty_id", required=False)
        if (inline is None) == (not known):
            raise invalid_parameter("counterparty", "or counterparty_id is required, not both")
        return self._counterparties.get(known) if inline is None else self._counterparties.create(inline)

    def reverse(self, transfer_id: str, fields: Fields, key: str) -> Document:
        """A reversing debit of the same amount, within five banking days after settlement."""
        only(fields, "reason", "description")
        reason = text(fields, "reason")
        original = self._transfers.get("ach", transfer_id)
        if original["type"] != "CREDIT" or original["status"] not in ("SETTLED", "COMPLETED"):
            raise wrong_status("ach_transfer", original["status"])
        settled = date.fromisoformat(original["settled_at"][:10])
        if new_york_date(self._clock.now()) > add_banking_days(settled, REVERSAL_BANKING_DAYS):
            raise ColumnError("ach_transfer_error", "reversal_window_closed", "Five banking days have passed.")
        shared = ("amount", "currency_code", "bank_account_id", "account_number_id", "counterparty_id", "company_name",
                  "entry_class_code")  # fmt: skip
        reversal: Document = {name: original[name] for name in shared} | {
            "id": self._books.identifier("acht_", 27),
            "type": "DEBIT",
            "idempotency_key": key,
            "company_entry_description": "REVERSAL",
            "description": reason,
            "same_day": False,
            "reversal_of": transfer_id,
        }
        return self._network.initiate(reversal)
