"""Debits that no request of ours makes: each is a payment that persons made for us by hand, or a case.

Column lists wires of every kind, PayPal every payment out of the balance. Nothing is moved by what is found here.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.payout_reconciliation import PayoutReconciliationReport
from db.engine import Database
from db.queries import case_file
from db.queries import payout_debits as queries
from db.unit_of_work import UnitOfWork
from rails.listed import Debit, Statement

REFERENCE = re.compile(r"rpp_[0-9a-f]{32}-[0-9]{1,9}")
"""What the order of a wire asks to be written on it."""
BEFORE = timedelta(days=2)
"""How long before its debit shows a call may have been sent."""
CONTRADICTION, DIFFERS, UNKNOWN = "contradiction", "transfer_differs", "transfer_unknown"


class PayoutDebits:
    """One look at one partner's list. Each finding is a case once, also after it was closed."""

    def __init__(self, database: Database, *, actor: str) -> None:
        self._database = database
        self._actor = actor

    async def look(
        self, report: PayoutReconciliationReport, partner: Statement, first: datetime, since: datetime
    ) -> None:
        """Compare what left since then; what is older than our `first` call is the account's past."""
        debits = [debit async for debit in partner.debits(since) if debit.made_at >= first]
        report.looked_at += len(debits)
        # before ours are read: a call that settles meanwhile was in doubt, and is looked at the next time
        doubtful = await self._in_doubt(debits)
        ours = await self._ours(partner, debits)
        taken = {debit.names for debit in debits if debit.names & ours}
        claimed: set[Any] = set()
        for debit in sorted(debits, key=lambda one: one.made_at):
            if debit.names not in taken and (debit.rail, debit.amount) not in doubtful:
                await self._one(report, debit, frozenset().union(*(one.names for one in debits)), claimed)

    async def _in_doubt(self, debits: Sequence[Debit]) -> frozenset[tuple[str, int]]:
        """Rail and amount of the calls under way that one of these debits may be of."""
        rails = {debit.rail for debit in debits}
        async with self._database.across_organizations(actor=self._actor) as uow:
            return await queries.in_doubt(uow, sorted(rails))

    async def _ours(self, partner: Statement, debits: Sequence[Debit]) -> frozenset[str]:
        """The partner's ids of what it was asked for by us."""
        if not debits:
            return frozenset()
        oldest = min(debit.made_at for debit in debits)
        async with self._database.across_organizations(actor=self._actor) as uow:
            calls = await queries.handed_over(uow, partner.source, oldest - BEFORE)
        wanted = frozenset().union(*(debit.names for debit in debits))
        found: set[str] = set()
        for call in calls:
            if wanted <= found:
                break
            found |= await partner.names_of(call["rail_id"])
        return frozenset(found)

    async def _one(
        self, report: PayoutReconciliationReport, debit: Debit, listed: frozenset[str], claimed: set[Any]
    ) -> None:
        async with self._database.across_organizations(actor=self._actor) as uow:
            top_up = await queries.top_up_of(uow, list(debit.names))
            if top_up is not None and (top_up["amount"], top_up["currency"]) == (debit.amount, debit.currency):
                return
            call = await queries.sent_by_hand(uow, list(debit.names), REFERENCE.findall(debit.text))
            if call is None or _is_of_another(call, debit, listed, claimed):
                summary = f"{debit.source} shows a debit that belongs to no payment of ours"
                report.unknown += await case_file.open_of_the_house_once(
                    uow, UNKNOWN, f"{debit.source}-transfer", debit.id, summary, debit.shown
                )
                return
        claimed.add(call["id"])
        if call["state"] == "refused":
            summary = "The bank sent a wire of which two persons had said that it was not sent"
            report.unknown += await self._case(CONTRADICTION, call, summary, debit)
        elif (debit.amount, debit.currency) != (call["amount"], call["currency"]):
            summary = f"{debit.source} moved another amount than was asked for"
            report.differing += await self._case(DIFFERS, call, summary, debit)

    async def _case(self, kind: str, call: Mapping[Any, Any], summary: str, debit: Debit) -> bool:
        async with self._database.unit_of_work(call["organization_id"], actor=self._actor) as uow:
            return await open_once(uow, kind, call, summary, {**debit.shown, "ours": call["amount"]})


def _is_of_another(call: Mapping[Any, Any], debit: Debit, listed: frozenset[str], claimed: set[Any]) -> bool:
    """Whether the payment is another debit of the list already: it was sent twice, then."""
    named = call["rail_id"] in debit.names
    return call["id"] in claimed or (not named and call["rail_id"] in listed)


async def open_once(
    uow: UnitOfWork, kind: str, call: Mapping[Any, Any], summary: str, evidence: Mapping[str, Any]
) -> bool:
    """A case of the call's organization, once for this finding, also after it was closed."""
    shown = {"money_call_id": str(call["id"]), **evidence}
    if await case_file.was_shown(uow, kind, call["flow"], call["flow_id"], shown):
        return False
    await uow.open_case(kind, call["flow"], call["flow_id"], summary, shown)
    return True
