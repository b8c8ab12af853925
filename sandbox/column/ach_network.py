"""An outgoing ACH transfer's way through the network: submitted at a window, settled, completed, or sent back."""

from datetime import datetime
from typing import Any

from sandbox import ach_codes
from sandbox.agenda import Agenda
from sandbox.books import Books
from sandbox.calendar import add_banking_days, new_york, new_york_date, next_cut_off
from sandbox.clock import BusinessClock, instant_text
from sandbox.column import magic
from sandbox.column.accounts import Accounts
from sandbox.column.counterparties import Counterparties
from sandbox.column.errors import wrong_status
from sandbox.column.events import Events
from sandbox.column.transfers import Document, Transfers

# Deadlines of the three same-day windows and when each settles, New York.
_WINDOWS = (((10, 30), (13, 0)), ((14, 45), (17, 0)), ((16, 45), (18, 0)))
_NEXT_DAY_SETTLEMENT = (8, 30)
_OPENING_HOUR = 8  # returns and corrections arrive by the opening of the second banking day after settlement


class AchNetwork:
    def __init__(
        self,
        books: Books,
        clock: BusinessClock,
        agenda: Agenda,
        *,
        accounts: Accounts,
        counterparties: Counterparties,
        transfers: Transfers,
        events: Events,
    ) -> None:
        self._books = books
        self._clock = clock
        self._agenda = agenda
        self._accounts = accounts
        self._counterparties = counterparties
        self._transfers = transfers
        self._events = events
        self.actions = {
            "ach.submit": self.submit,
            "ach.settle": self.settle,
            "ach.complete": self.complete,
            "ach.return": self._return_due,
            "ach.change": self._change_due,
        }

    def initiate(self, document: Document, *, reviewed: bool = False) -> Document:
        """Store it, tell it, and put it into the next file, unless the bank wants to look at it first."""
        now = self._clock.now()
        due, settles_at = _window(now, same_day=document["same_day"])
        document |= {
            "status": "MANUAL_REVIEW" if reviewed else "INITIATED",
            "is_incoming": False,
            "return_details": [],
            "initiated_at": instant_text(now),
            "effective_on": new_york_date(settles_at).isoformat(),
        }
        self._transfers.add("ach", document, bank_account_id=document["bank_account_id"])
        self._events.record(f"ach.outgoing_transfer.{document['status'].lower()}", document)
        if not reviewed:
            self._agenda.schedule(due, "ach.submit", document["id"])
        return document

    def submit(self, transfer_id: str) -> None:
        document = self._transfers.get("ach", transfer_id)
        behaviour = magic.account_behaviour(self._account_number(document))
        if behaviour.canceled:
            self._cancel(document)
            return
        now = self._clock.now()
        self._move_on(document, "SUBMITTED", submitted_at=instant_text(now), trace_number=self._trace_number())
        self._agenda.schedule(_settles_at(now, same_day=document["same_day"]), "ach.settle", transfer_id)

    def settle(self, transfer_id: str) -> None:
        document = self._move_on(
            self._transfers.get("ach", transfer_id), "SETTLED", settled_at=instant_text(self._clock.now())
        )
        if document["type"] == "DEBIT":  # a reversal brings the money back when it settles
            self._accounts.move(document["bank_account_id"], document["amount"], transfer_id, "ach reversal settled")
        behaviour = magic.account_behaviour(self._account_number(document))
        second_day = new_york(add_banking_days(new_york_date(self._clock.now()), 2), _OPENING_HOUR)
        if behaviour.returned and not (behaviour.only_first and self._returned_before(document)):
            self._agenda.schedule(second_day, "ach.return", f"{transfer_id}:{behaviour.returned}")
        if behaviour.changed:
            self._agenda.schedule(second_day, "ach.change", f"{transfer_id}:{behaviour.changed}")
        self._agenda.schedule(second_day, "ach.complete", transfer_id)

    def complete(self, transfer_id: str) -> None:
        document = self._transfers.get("ach", transfer_id)
        if document["status"] == "SETTLED":
            self._move_on(document, "COMPLETED", completed_at=instant_text(self._clock.now()))

    def settle_now(self, transfer_id: str) -> Document:
        """Control: whatever is left of the way to settlement. Raises ColumnError from an end state."""
        document = self._transfers.get("ach", transfer_id)
        if document["status"] not in ("INITIATED", "MANUAL_REVIEW", "SUBMITTED"):
            raise wrong_status("ach_transfer", document["status"])
        self._agenda.forget(transfer_id)
        if document["status"] != "SUBMITTED":
            self.submit(transfer_id)
            self._agenda.forget(transfer_id)
        if self._transfers.get("ach", transfer_id)["status"] == "SUBMITTED":
            self.settle(transfer_id)
        return self._transfers.get("ach", transfer_id)

    def approve(self, transfer_id: str) -> Document:
        """Control: the bank's review lets it go."""
        document = self._transfers.get("ach", transfer_id)
        if document["status"] != "MANUAL_REVIEW":
            raise wrong_status("ach_transfer", document["status"])
        due, _ = _window(self._clock.now(), same_day=document["same_day"])
        self._agenda.schedule(due, "ach.submit", transfer_id)
        return self._move_on(document, "INITIATED")

    def come_back(self, transfer_id: str, code: str) -> Document:
        """The receiving bank returns it, early or late; the money is back at once."""
        document = self._transfers.get("ach", transfer_id)
        if document["status"] not in ("INITIATED", "SUBMITTED", "SETTLED", "COMPLETED"):
            raise wrong_status("ach_transfer", document["status"])
        self._agenda.forget(transfer_id)
        back = -document["amount"] if document["type"] == "DEBIT" else document["amount"]
        if document["type"] == "CREDIT" or document["status"] in ("SETTLED", "COMPLETED"):
            self._accounts.move(document["bank_account_id"], back, transfer_id, f"ach returned {code}", overdraw=True)
        now = instant_text(self._clock.now())
        detail = {
            "return_code": code,
            "description": ach_codes.title(code).capitalize(),
            "addenda": "",
            "trace_number": self._trace_number(),
            "created_at": now,
        }
        return self._move_on(document, "RETURNED", returned_at=now, return_details=[detail])

    def change(self, transfer_id: str, code: str) -> Document:
        """A notification of change: the transfer stays as it is."""
        document = self._transfers.get("ach", transfer_id)
        counterparty = self._counterparties.get(document["counterparty_id"])
        corrected = ach_codes.correction(code, counterparty["routing_number"], counterparty["account_number"])
        notification = {"change_code": code, "description": ach_codes.title(code), "corrected_data": corrected}
        self._events.record("ach.outgoing_transfer.noc", document | {"notification_of_change": notification})
        return document

    def cancel(self, transfer_id: str) -> Document:
        document = self._transfers.get("ach", transfer_id)
        if document["status"] not in ("INITIATED", "MANUAL_REVIEW"):
            raise wrong_status("ach_transfer", document["status"])
        return self._cancel(document)

    def _cancel(self, document: Document) -> Document:
        self._agenda.forget(document["id"])
        if document["type"] == "CREDIT":
            self._accounts.move(document["bank_account_id"], document["amount"], document["id"], "ach canceled")
        return self._move_on(document, "CANCELED", cancelled_at=instant_text(self._clock.now()))

    def _move_on(self, document: Document, status: str, **more: Any) -> Document:
        changed = self._transfers.change(document, status, **more)
        self._events.record(f"ach.outgoing_transfer.{status.lower()}", changed)
        return changed

    def _return_due(self, subject: str) -> None:
        transfer_id, code = subject.split(":")
        if self._transfers.get("ach", transfer_id)["status"] == "SETTLED":
            self.come_back(transfer_id, code)

    def _change_due(self, subject: str) -> None:
        self.change(*subject.split(":"))

    def _account_number(self, document: Document) -> str:
        number: str = self._counterparties.get(document["counterparty_id"])["account_number"]
        return number

    def _returned_before(self, document: Document) -> bool:
        sql = """SELECT 1 FROM transfers t JOIN counterparties c ON c.id = t.counterparty_id
                 WHERE t.status = 'RETURNED' AND c.account_number = ?"""
        return self._books.row(sql, (self._account_number(document),)) is not None

    def _trace_number(self) -> str:
        number = self._books.value("SELECT count(*) FROM events") + 1
        return f"12114530{number:07d}"


def _window(now: datetime, *, same_day: bool) -> tuple[datetime, datetime]:
    """(when the next file leaves, when it settles)."""
    submitted = min(next_cut_off(now, new_york_date(now), *deadline) for deadline, _ in _WINDOWS)
    return submitted, _settles_at(submitted, same_day=same_day)


def _settles_at(submitted: datetime, *, same_day: bool) -> datetime:
    day = new_york_date(submitted)
    if not same_day:
        return new_york(add_banking_days(day, 1), *_NEXT_DAY_SETTLEMENT)
    settlements = [new_york(day, *settles) for deadline, settles in _WINDOWS if submitted <= new_york(day, *deadline)]
    return settlements[0] if settlements else new_york(add_banking_days(day, 1), *_NEXT_DAY_SETTLEMENT)
