"""What a person sees while parts start, stop and fail: one line per part, with a spinner on a terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status


class Board:
    """Progress on a console; on a pipe or in a log file it is plain lines."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._current = ""

    @contextmanager
    def doing(self, what: str, done: str) -> Iterator[None]:
        """Show `what` while the block runs, then a line with `done` and the seconds it took; nothing when it fails."""
        began = time.monotonic()
        self._current = what
        with self._console.status(escape(what)) as status:
            self._status = status
            try:
                yield
            finally:
                self._status = None
        self._console.print(f"[green]✓[/] {escape(done)} [dim]{time.monotonic() - began:.1f} s[/]", highlight=False)

    def detail(self, text: str) -> None:
        """Say more about what is being done now."""
        if self._status is not None and self._console.is_terminal:
            self._status.update(f"{escape(self._current)}: [dim]{escape(text)}[/]")
        else:
            self._console.print(f"  {escape(self._current)}: {escape(text)}", highlight=False)

    def note(self, text: str) -> None:
        """Say something that happened."""
        self._console.print(f"[yellow]![/] {escape(text)}", highlight=False)
