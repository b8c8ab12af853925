"""Watches the statements of units of work, and fails on a row lock out of the order (docs/decisions/0007).

Seen are row locks and updates of ACH's tables, and calls of the money call's and the ledger's functions. A row that the
transaction has locked, or made, may be locked again; members of a family whose original is locked are free.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from db.ledger.ledger import Ledger
from db.money_calls.log import MoneyCallLog
from db.queries import ach
from db.unit_of_work import UnitOfWork

RANKS = {
    "inbox_event": 2,
    "ach_return": 3,
    "ach_account_change": 3,
    "ach_transaction": 4,
    "ach_authorization": 5,
    "merchant": 6,
    "ach_account": 7,
}
MONEY = 8
_ANY = "any"
_SKIPPING = re.compile(r"\bFROM (?:public\.)?(\w+)\b.*\bFOR (?:NO KEY )?UPDATE SKIP LOCKED\s*$", re.DOTALL)
_LOCK = re.compile(r"\bFROM (?:public\.)?(\w+)\b.*\bFOR (?:(?:NO KEY )?UPDATE|SHARE)\s*$", re.DOTALL)
_UPDATE = re.compile(r"^\s*UPDATE (?:public\.)?(\w+)\b")
_INSERT = re.compile(r"^\s*INSERT INTO (?:public\.)?(\w+)\b")


class _Transaction:
    """What one transaction has locked so far."""

    def __init__(self) -> None:
        self.reached, self.by = 0, ""
        self.rows: dict[str, set[str]] = defaultdict(set)


class LockOrder:
    """The faults that were found, and how many locks were seen."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[str] = set()
        # by the connection itself: another one may stand where one that is gone has stood
        self._open: dict[Any, _Transaction] = {}

    def begin(self, connection: Any) -> None:
        """A transaction begins."""
        self._open[connection] = _Transaction()

    def statement(self, connection: Any, statement: str, parameters: Any) -> None:
        """A statement is about to run."""
        standing = self._open.setdefault(connection, _Transaction())
        ids = {str(value) for value in _flat(parameters) if isinstance(value, UUID) or _is_uuid(value)}
        if (free := _INSERT.match(statement) or _SKIPPING.search(statement)) is not None:
            # a new row, or rows that are not waited for, whose ids are not seen here
            standing.rows[free[1]] |= ids | (set() if free.re is _INSERT else {_ANY})
            return
        locked = _LOCK.search(statement) or _UPDATE.match(statement)
        if locked is None or locked[1] not in RANKS:
            return
        table = locked[1]
        again = bool((ids | {_ANY}) & standing.rows[table])
        standing.rows[table] |= ids | ({_ANY} if again and "parent_transaction_id = " in statement else set())
        self.seen.add(table)
        if not again:
            self._rank(standing, RANKS[table], table)

    def account_to_use(self, connection: Any, account_id: UUID) -> None:
        """A merchant is about to be locked, by its account's id, and then the account shared: on the driver itself."""
        standing = self._open.setdefault(connection, _Transaction())
        for table in ("merchant", "ach_account"):
            self.seen.add(table)
            if str(account_id) not in standing.rows[table]:
                standing.rows[table].add(str(account_id))
                self._rank(standing, RANKS[table], table)

    def money(self, connection: Any) -> None:
        """A function of the money calls or of the ledger is about to run."""
        self._rank(self._open.setdefault(connection, _Transaction()), MONEY, "money call")

    def _rank(self, standing: _Transaction, rank: int, name: str) -> None:
        if rank < standing.reached:
            self.faults.append(f"{name} after {standing.by}")
        else:
            standing.reached, standing.by = rank, name


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[LockOrder]:
    """Watch every engine of this process; the faults are an assertion at the end."""
    order, of_calls, of_ledger, to_use = LockOrder(), MoneyCallLog._row, Ledger._row, ach.account_to_use

    def before(conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        order.statement(conn, statement, parameters)

    async def call(self: MoneyCallLog, *asked: Any) -> Any:
        order.money(self._uow.connection.sync_connection)
        return await of_calls(self, *asked)

    async def book(self: Ledger, *asked: Any) -> Any:
        order.money(cast("UnitOfWork", self._transaction).connection.sync_connection)
        return await of_ledger(self, *asked)

    async def use(uow: UnitOfWork, account_id: UUID, *asked: Any) -> Any:
        order.account_to_use(uow.connection.sync_connection, account_id)
        return await to_use(uow, account_id, *asked)

    event.listen(Engine, "begin", order.begin)
    event.listen(Engine, "before_cursor_execute", before)
    monkeypatch.setattr(MoneyCallLog, "_row", call)
    monkeypatch.setattr(Ledger, "_row", book)
    monkeypatch.setattr(ach, "account_to_use", use)
    try:
        yield order
    finally:
        event.remove(Engine, "begin", order.begin)
        event.remove(Engine, "before_cursor_execute", before)
    assert not order.faults, sorted(set(order.faults))


def _flat(parameters: Any) -> Iterator[Any]:
    if isinstance(parameters, dict):
        yield from parameters.values()
    elif isinstance(parameters, (list, tuple)):
        for value in parameters:
            if isinstance(value, (list, tuple, dict)):
                yield from _flat(value)
            else:
                yield value


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and len(value) in (32, 36) and re.fullmatch(r"[0-9a-f-]{32,36}", value) is not None
