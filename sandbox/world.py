"""All partners on one clock: the thing that the control server controls."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from starlette.types import ASGIApp

from sandbox import journal as journal_module
from sandbox.books import Books
from sandbox.chek.app import create_app as chek_app
from sandbox.chek.partner import Chek
from sandbox.clock import BusinessClock, real_now
from sandbox.column.app import create_app as column_app
from sandbox.column.partner import Column
from sandbox.config import SandboxConfig
from sandbox.epx.app import create_app as epx_app
from sandbox.epx.partner import Epx
from sandbox.faults import FaultBook
from sandbox.journal import Journal
from sandbox.mailbox.box import Mailbox
from sandbox.partner import Partner
from sandbox.paypal.app import create_app as paypal_app
from sandbox.paypal.partner import PayPal


class World:
    """Partners, faults, journal and clock, without any socket."""

    def __init__(self, config: SandboxConfig, data_dir: Path | None = None, start: datetime | None = None) -> None:
        """With ``data_dir`` the books outlive the process. ``start`` is the business time at which new books begin."""
        self._data_dir = data_dir
        self._own_books = Books(self._path("control"), journal_module.SCHEMA)
        self.clock = BusinessClock(self._offset(start))
        self.journal = Journal(self._own_books, self.clock)
        self.faults = FaultBook()
        self.stopping = asyncio.Event()
        self.epx = Epx(config.epx, self._path("epx"), self.clock)
        self.chek = Chek(config.chek, self._path("chek"), self.clock)
        self.column = Column(config.column, self._path("column"), self.clock)
        self.paypal = PayPal(config.paypal, self._path("paypal"), self.clock)
        self.mailbox = Mailbox(self._path("mailbox"), self.clock)
        self.apps: Mapping[str, ASGIApp] = {
            "epx": epx_app(self.epx, self.journal, self.faults, self.stopping),
            "chek": chek_app(self.chek, self.journal, self.faults, self.stopping),
            "column": column_app(self.column, self.journal, self.faults, self.stopping),
            "paypal": paypal_app(self.paypal, self.journal, self.faults, self.stopping),
        }

    @property
    def partners(self) -> dict[str, Partner]:
        return {partner.name: partner for partner in (self.epx, self.chek, self.column, self.paypal)}

    def settle_due(self, until: datetime) -> int:
        """Do all that fell due at any partner, in order of time, then of the partners' order. Returns how much."""
        done = 0
        while (partner := self._first_due(until)) is not None:
            partner.agenda.run_next()
            done += 1
        return done

    def _first_due(self, until: datetime) -> Partner | None:
        dues = [
            (due, order, partner)
            for order, partner in enumerate(self.partners.values())
            if (due := partner.agenda.next_due()) is not None and due <= until
        ]
        return min(dues, key=lambda item: item[:2])[2] if dues else None

    async def tick(self) -> None:
        """What the mere passing of time brings."""
        if self.settle_due(self.clock.now()):
            await self.flush()

    async def advance(self, to: datetime) -> None:
        """Settle everything up to ``to``, move the clock there, and let the partners tell what happened.

        Raises ValueError when ``to`` lies in the past.
        """
        if to < self.clock.now():
            raise ValueError("the business clock only moves forward")
        self.settle_due(to)
        self.clock.move_to(to)
        self._remember(self.clock.offset)
        await self.flush()

    async def flush(self) -> None:
        for partner in self.partners.values():
            await partner.flush()

    async def close(self) -> None:
        self.stopping.set()
        for partner in self.partners.values():
            await partner.close()
        self.mailbox.close()
        self._own_books.close()

    def _path(self, name: str) -> Path | None:
        return None if self._data_dir is None else self._data_dir / f"{name}.sqlite"

    def _offset(self, start: datetime | None) -> timedelta:
        stored = self._own_books.value("SELECT value FROM meta WHERE name = 'clock_offset_seconds'")
        if stored is not None:
            return timedelta(seconds=float(stored))
        offset = timedelta() if start is None else start - real_now()
        self._remember(offset)
        return offset

    def _remember(self, offset: timedelta) -> None:
        seconds = str(offset.total_seconds())
        self._own_books.execute("INSERT OR REPLACE INTO meta VALUES ('clock_offset_seconds', ?)", (seconds,))
