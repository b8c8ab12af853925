"""What a partner will do later by itself: originate, settle, return, each at an instant of the business clock."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sandbox.books import Books
from sandbox.clock import BusinessClock, instant_text, parse_instant

Action = Callable[[str], None]


class Agenda:
    """Due things in order of (instant, when they were scheduled), stored in the partner's own books."""

    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock
        self._actions: Mapping[str, Action] = {}

    def assign(self, actions: Mapping[str, Action]) -> None:
        """Who does what: action name to a function of the subject's id."""
        self._actions = actions

    def schedule(self, due: datetime, action: str, subject: str) -> None:
        if action not in self._actions:
            raise KeyError(action)
        self._books.insert("agenda", {"due": instant_text(due), "action": action, "subject": subject})

    def forget(self, subject: str) -> None:
        self._books.execute("DELETE FROM agenda WHERE subject = ?", (subject,))

    def next_due(self) -> datetime | None:
        due = self._books.value("SELECT due FROM agenda ORDER BY due, id LIMIT 1")
        return None if due is None else parse_instant(due)

    def run_next(self) -> None:
        """Do the first thing, with the clock pinned to the instant at which it was due."""
        with self._books.transaction():
            item = self._books.row("SELECT * FROM agenda ORDER BY due, id LIMIT 1")
            if item is None:
                return
            self._books.execute("DELETE FROM agenda WHERE id = ?", (item["id"],))
            with self._clock.pinned(parse_instant(item["due"])):
                self._actions[item["action"]](item["subject"])
