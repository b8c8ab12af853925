"""What holds after every step of a walk, and how rows, ledger and the gateway's book compare once all is at rest."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from db.ledger.check import check_books
from domain.ach import TRANSITIONS, AchState

ON_ITS_WAY = ("accepted", "originated")
SIGN = {("DEBIT", "debit"): 1, ("DEBIT", "credit"): -1, ("REFUND", "credit"): -1}


class WalkBooks:
    """Looks, and changes nothing."""

    def __init__(
        self, control: httpx.AsyncClient, owner: "asyncpg.Connection[Any]", unit_of_work: Callable[[], Any]
    ) -> None:
        self._control = control
        self._owner = owner
        self._unit_of_work = unit_of_work
        self._seen: Mapping[UUID, str] = {}

    async def families_hold(self) -> None:
        """Never more given back than was taken; never a void beside a refund; never a third try."""
        wrong = await self._owner.fetch(
            "select d.id from ach_transaction d join ach_transaction c on c.parent_transaction_id = d.id"
            " where c.ach_state not in ('declined', 'not_found', 'canceled', 'returned') group by d.id"
            " having sum(c.amount) > d.amount or (bool_or(c.type = 'VOID') and count(*) > 1)"
        )
        assert not wrong, wrong
        again = await self._owner.fetch(
            "select retry_of from ach_transaction where retry_of is not null group by retry_of"
            " having count(*) > 1 or max(retry_number) > 2"
        )
        assert not again, again

    async def states_were_legal(self) -> None:
        """Each entry came from where it was by steps of the table."""
        rows = await self._owner.fetch("select id, ach_state from ach_transaction")
        now = {row["id"]: row["ach_state"] for row in rows}
        for entry, state in now.items():
            before = self._seen.get(entry, AchState.CREATED)
            assert state in within_reach(AchState(before)), (before, state)
        self._seen = now

    async def agree(self) -> None:
        """Entry by entry, and the sums on the ledger's accounts."""
        book = (await self._control.get("/books/epx")).json()["entries"]
        theirs = {entry["tran_nbr"]: entry for entry in book}
        assert len(theirs) == len(book), "no number is used twice"
        sums: Counter[str] = Counter()
        for row in await self._owner.fetch("select * from ach_transaction"):
            entry = theirs.get(row["tran_nbr"])
            state, sign = row["ach_state"], SIGN.get((row["type"], row["direction"]), 0)
            assert state not in ("created", "submitting"), "all came to rest"
            if state in ("not_found", "canceled"):
                assert entry is None, (state, entry)
            elif row["type"] == "VOID":
                assert entry is not None
                assert entry["state"] == ("declined" if state == "declined" else "void")
            else:
                assert entry is not None
                assert entry["state"] == state, (row["type"], state, entry)
            sums["in_transit"] += sign * row["amount"] * (state in ON_ITS_WAY)
            sums["bank"] += sign * row["amount"] * (state == "settled")
        async with self._unit_of_work() as uow:
            await uow.business_now()
            for code, wanted in (("rail:epx:in_transit", "in_transit"), ("external:bank:epx", "bank")):
                balance = await uow.ledger.balance(code, "USD")
                assert (balance.posted.minor_units, balance.held.minor_units) == (sums[wanted], 0), code
        report = await check_books(self._owner)
        assert not report.differences, report.differences


@cache
def within_reach(state: AchState) -> frozenset[AchState]:
    """The states to which any number of steps lead, none included."""
    found = {state}
    while more := {after for (before, _), after in TRANSITIONS.items() if before in found} - found:
        found |= more
    return frozenset(found)
