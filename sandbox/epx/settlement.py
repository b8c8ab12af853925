"""What happens to an accepted entry afterwards: originated, settled, and sometimes returned or corrected."""

from datetime import datetime, timedelta

from sandbox import ach_codes
from sandbox.agenda import Agenda
from sandbox.books import Row
from sandbox.calendar import (
    add_banking_days,
    banking_day_on_or_after,
    new_york,
    new_york_date,
    next_cut_off,
)
from sandbox.clock import BusinessClock, instant_text
from sandbox.epx import magic
from sandbox.epx.entries import Entries
from sandbox.epx.fields import CREDIT, DEBIT, PRENOTE_CREDIT, PRENOTE_DEBIT

CUT_OFF_HOUR = 17  # New York
SETTLEMENT = (8, 30)
OPENING_HOUR = 8  # returns reach us by the opening of the second banking day after settlement
CONSUMER_CLAIM_DAYS = 58  # a magic consumer return comes late, yet inside its sixty days


class NotPossibleError(Exception):
    """The control server asked for something that this entry's state does not allow."""


class Settlement:
    def __init__(self, entries: Entries, agenda: Agenda, clock: BusinessClock) -> None:
        self._entries = entries
        self._books = entries.books
        self._agenda = agenda
        self._clock = clock
        agenda.assign(
            {
                "originate": lambda subject: self.originate(int(subject)),
                "settle": lambda subject: self.settle(int(subject)),
                "return": self._return_due,
                "change": self._change_due,
            }
        )

    def accepted(self, entry_id: int) -> None:
        entry = self._entries.entry(entry_id)
        merch_nbr = self._merchant(entry)
        due = next_cut_off(self._clock.now(), self._entries.batch_day(merch_nbr, entry["batch_id"]), CUT_OFF_HOUR)
        self._agenda.schedule(due, "originate", str(entry_id))

    def withdrawn(self, entry_id: int) -> None:
        self._agenda.forget(str(entry_id))

    def originate(self, entry_id: int) -> None:
        """Hand the entry to the ACH operator; it settles on the next banking day."""
        self._agenda.forget(str(entry_id))
        day = add_banking_days(new_york_date(self._clock.now()), 1)
        self._books.execute(
            "UPDATE entries SET state = 'originated', settlement_date = ? WHERE id = ?", (day.isoformat(), entry_id)
        )
        self._tell("settlements", "originated", entry_id)
        self._agenda.schedule(new_york(day, *SETTLEMENT), "settle", str(entry_id))

    def settle(self, entry_id: int) -> None:
        self._agenda.forget(str(entry_id))
        today = new_york_date(self._clock.now())
        self._books.execute(
            "UPDATE entries SET state = 'settled', settlement_date = ? WHERE id = ?", (today.isoformat(), entry_id)
        )
        entry = self._entries.entry(entry_id)
        self._post(entry, _signed(entry), "settled")
        self._tell("settlements", "settled", entry_id)
        self._schedule_magic(entry)

    def settle_now(self, entry_id: int) -> None:
        """Raises NotPossibleError unless the entry still waits for settlement."""
        state = self._entries.entry(entry_id)["state"]
        if state not in ("accepted", "originated"):
            raise NotPossibleError(f"an entry that is {state} cannot settle")
        if state == "accepted":
            self.originate(entry_id)
        self.settle(entry_id)

    def return_now(self, entry_id: int, code: str, addenda: str = "", *, again: bool = False) -> None:
        """The receiving bank sends the entry back, at any time and also from an entry that never settled.

        A second return of one entry needs ``again``; it is told, and moves no money a second time.
        """
        entry = self._entries.entry(entry_id)
        first = entry["state"] in ("accepted", "originated", "settled")
        if not first and not (again and entry["state"] == "returned"):
            raise NotPossibleError(f"an entry that is {entry['state']} cannot be returned")
        if first:
            self._agenda.forget(str(entry_id))
            if entry["state"] == "settled":
                self._post(entry, -_signed(entry), "returned")
            self._books.execute("UPDATE entries SET state = 'returned', return_code = ? WHERE id = ?", (code, entry_id))
        self._tell("returns", "return", entry_id, code=code, addenda=addenda)

    def correct_now(self, entry_id: int, code: str, corrected_data: str | None = None) -> None:
        """A notification of change: told, and the entry itself stays as it is."""
        entry = self._entries.entry(entry_id)
        if corrected_data is None:
            account = self._entries.account_of(entry["guid"])
            corrected_data = ach_codes.correction(code, account.routing_number, account.account_number)
        self._tell("returns", "noc", entry_id, code=code, corrected_data=corrected_data)

    def unmatched(self, row: Row) -> None:
        """A return of an entry that is not in these books, as banks sometimes send."""
        self._event("returns", "return", None, row["subject"], code=row["code"])

    def _schedule_magic(self, entry: Row) -> None:
        operation = entry["tran_type"][3]
        behaviour = magic.account_behaviour(self._entries.account_of(entry["guid"]).account_number)
        prenote = operation in (PRENOTE_DEBIT, PRENOTE_CREDIT)
        code = behaviour.prenote_return if prenote else behaviour.live_return
        if code and not (behaviour.only_first_live and self._returned_before(entry)):
            self._agenda.schedule(self._arrival(code), "return", f"{entry['id']}:{code}")
        change = behaviour.prenote_change if prenote else behaviour.live_change
        if change:
            self._agenda.schedule(self._arrival(change), "change", f"{entry['id']}:{change}")

    def _arrival(self, code: str) -> datetime:
        today = new_york_date(self._clock.now())
        if code in ach_codes.CONSUMER_CLAIMS:
            return new_york(banking_day_on_or_after(today + timedelta(days=CONSUMER_CLAIM_DAYS)), OPENING_HOUR)
        return new_york(add_banking_days(today, 2), OPENING_HOUR)

    def _returned_before(self, entry: Row) -> bool:
        return (
            self._books.row(
                """SELECT 1 FROM entries e JOIN brics b ON b.guid = e.guid
                   WHERE e.return_code IS NOT NULL AND b.account_number =
                       (SELECT account_number FROM brics WHERE guid = ?)""",
                (entry["guid"],),
            )
            is not None
        )

    def _return_due(self, subject: str) -> None:
        entry_id, code = subject.split(":")
        if self._entries.entry(int(entry_id))["state"] == "settled":  # not when control returned it already
            self.return_now(int(entry_id), code)

    def _change_due(self, subject: str) -> None:
        entry_id, code = subject.split(":")
        self.correct_now(int(entry_id), code)

    def _merchant(self, entry: Row) -> str:
        merch_nbr: str = self._books.value("SELECT merch_nbr FROM terminals WHERE key = ?", (entry["terminal"],))
        return merch_nbr

    def _post(self, entry: Row, amount: int, reason: str) -> None:
        if amount:
            self._books.insert(
                "postings",
                {
                    "merch_nbr": self._merchant(entry),
                    "entry": entry["id"],
                    "amount": amount,
                    "reason": reason,
                    "posted_at": instant_text(self._clock.now()),
                },
            )

    def _tell(self, feed: str, kind: str, entry_id: int, **more: str) -> None:
        self._event(feed, kind, entry_id, "", **more)

    def _event(self, feed: str, kind: str, entry_id: int | None, subject: str, **more: str) -> None:
        code = more.get("code")
        self._books.insert(
            "events",
            {
                "feed": feed,
                "kind": kind,
                "entry": entry_id,
                "subject": subject,
                "reason": ach_codes.title(code) if code else None,
                "business_date": new_york_date(self._clock.now()).isoformat(),
                "created_at": instant_text(self._clock.now()),
                **more,
            },
        )


def _signed(entry: Row) -> int:
    """What settling it does to the merchant's account, in cents."""
    amount: int = entry["amount"]
    return {DEBIT: amount, CREDIT: -amount}.get(entry["tran_type"][3], 0)
