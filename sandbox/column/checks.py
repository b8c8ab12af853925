"""Issued checks: mailed by the bank, paid when somebody cashes them, stopped while nobody has."""

from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books
from sandbox.calendar import add_banking_days, new_york, new_york_date
from sandbox.clock import BusinessClock, instant_text
from sandbox.column.accounts import Accounts
from sandbox.column.errors import ColumnError, invalid_parameter, wrong_status
from sandbox.column.events import Events
from sandbox.column.form import Fields, cents, group, only, text
from sandbox.column.transfers import Document, Transfers

MAILED_AT, CASHED_AT = 16, 10  # hours in New York
CASHED_AFTER_BANKING_DAYS = 5
NEVER_CASHED, REJECTED = "Never Cashes", "Rejected Check"  # payees for which this goes otherwise
_FIRST_CHECK_NUMBER = 1001


class Checks:
    def __init__(
        self,
        books: Books,
        clock: BusinessClock,
        agenda: Agenda,
        *,
        accounts: Accounts,
        transfers: Transfers,
        events: Events,
    ) -> None:
        self._books = books
        self._clock = clock
        self._agenda = agenda
        self._accounts = accounts
        self._transfers = transfers
        self._events = events
        self.actions = {"check.mail": self.mail, "check.cash": self.cash}

    def issue(self, fields: Fields, key: str) -> Document:
        """A check to be mailed. The money stays until it is cashed."""
        only(fields, "account_number_id", "bank_account_id", "positive_pay_amount", "currency_code", "payee_name",
             "mail_check_request", "description")  # fmt: skip
        account = self._accounts.named(
            text(fields, "account_number_id", required=False), text(fields, "bank_account_id", required=False)
        )
        text(fields, "currency_code", pattern="USD")
        issued = self._books.value("SELECT count(*) FROM transfers WHERE kind = 'check'")
        document = self._transfers.add(
            "check",
            {
                "id": self._books.identifier("chkt_", 27),
                "idempotency_key": key,
                "bank_account_id": account["id"],
                "account_number_id": account["account_number_id"],
                "positive_pay_amount": cents(fields, "positive_pay_amount"),
                "currency_code": "USD",
                "check_number": str(_FIRST_CHECK_NUMBER + issued),
                "payee_name": text(fields, "payee_name", longest=250),
                "mail_check_request": _mail_request(group(fields, "mail_check_request")),
                "description": text(fields, "description", required=False),
                "status": "ISSUED",
                "delivery_status": "CREATED",
            },
            bank_account_id=account["id"],
        )
        self._events.record("check.incoming_debit.issued", document)
        tomorrow = add_banking_days(new_york_date(self._clock.now()), 1)
        self._agenda.schedule(new_york(tomorrow, MAILED_AT), "check.mail", document["id"])
        return document

    def mail(self, check_id: str) -> None:
        document = self._transfers.get("check", check_id)
        self._delivery(document, "MAILED", mailed_at=instant_text(self._clock.now()))
        if document["payee_name"] != NEVER_CASHED:
            day = add_banking_days(new_york_date(self._clock.now()), CASHED_AFTER_BANKING_DAYS)
            self._agenda.schedule(new_york(day, CASHED_AT), "check.cash", check_id)

    def come_back(self, check_id: str) -> None:
        """The post returns it to the sender: nobody has it, and yet it is not stopped."""
        document = self._pending(check_id)
        self._agenda.forget(check_id)
        self._delivery(document, "RETURNED_TO_SENDER")

    def _delivery(self, document: Document, status: str, **more: str) -> None:
        changed = self._transfers.change(document, "ISSUED", delivery_status=status, **more)
        self._events.record("check.incoming_debit.delivery_status_updated", changed)

    def cash(self, check_id: str) -> None:
        """Somebody presents it: paid, or rejected for want of money."""
        document = self._pending(check_id)
        if document["payee_name"] == REJECTED:
            self.reject(check_id)
            return
        try:
            self._accounts.move(document["bank_account_id"], -document["positive_pay_amount"], check_id, "check cashed")
        except ColumnError:
            self.reject(check_id)
        else:
            self._end(document, "SETTLED")

    def reject(self, check_id: str) -> None:
        self._end(self._pending(check_id), "REJECTED")

    def give_back(self, check_id: str) -> None:
        """The paying bank finds, after it paid, that it should not have."""
        document = self._transfers.get("check", check_id)
        if document["status"] != "SETTLED":
            raise wrong_status("check_transfer", document["status"])
        self._accounts.move(document["bank_account_id"], document["positive_pay_amount"], check_id, "check returned")
        self._end(document, "RETURNED")

    def stop(self, check_id: str, fields: Fields) -> Document:
        only(fields, "reason")
        text(fields, "reason", required=False)
        return self._end(self._pending(check_id), "STOPPED")

    def _pending(self, check_id: str) -> Document:
        document = self._transfers.get("check", check_id)
        if document["status"] != "ISSUED":
            raise wrong_status("check_transfer", document["status"])
        return document

    def _end(self, document: Document, status: str) -> Document:
        self._agenda.forget(document["id"])
        changed = self._transfers.change(document, status)
        self._events.record(f"check.incoming_debit.{status.lower()}", changed)
        return changed


def _mail_request(request: dict[str, Any] | None) -> dict[str, Any]:
    if request is None:
        raise invalid_parameter("mail_check_request", "is required")
    only(request, "message", "memo", "payee_name", "payee_address", "payor_name", "payor_address")
    checked: dict[str, Any] = {
        "message": text(request, "message", required=False),
        "memo": text(request, "memo", longest=40),
        "payor_name": text(request, "payor_name", required=False, longest=250),
        "payee_name": text(request, "payee_name", required=False, longest=250),
    }
    for side in ("payee_address", "payor_address"):
        address = group(request, side)
        if address is not None or side == "payee_address":
            checked[side] = _address(side, address)
    return checked


def _address(name: str, address: dict[str, Any] | None) -> dict[str, str]:
    if address is None:
        raise invalid_parameter(name, "is required")
    only(address, "line_1", "line_2", "city", "state", "postal_code", "country_code")
    checked = {
        "line_1": text(address, "line_1"),
        "line_2": text(address, "line_2", required=False),
        "city": text(address, "city"),
        "state": text(address, "state", pattern="[A-Z]{2}"),
        "postal_code": text(address, "postal_code", pattern=r"\d{5}(-\d{4})?"),
        "country_code": text(address, "country_code", pattern="US"),
    }
    if len(checked["line_1"] + checked["line_2"]) > 50:
        raise invalid_parameter("line_2", "both lines together may have 50 characters")
    return checked
