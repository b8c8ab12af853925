"""What partners say of their transfers, held against what they told us: for the day on which no webhook comes.

What we missed goes into the inbox as the webhook would have, under an id of its own per transfer and state: whatever is
told there twice, or by a webhook as well, has one effect. What does not fit is a case, and moves nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import RowMapping
from temporalio import activity

from activities.heartbeat import heartbeats
from activities.inbox_store import InboxStore
from activities.payout_debits import DIFFERS, UNKNOWN, PayoutDebits, open_once
from contracts.payout_reconciliation import RECONCILE_PAYOUTS, PayoutReconciliationReport
from db.engine import Database
from db.queries import case_file
from db.queries import payout_reconciliation as queries
from db.queries.feed import last_reading, note_reading
from rails.base import EvidenceUnavailable, Rail
from rails.column.rail import ColumnRail
from rails.column.statement import ColumnStatement
from rails.listed import Listed, Statement
from rails.paypal.rail import PayPalRail
from rails.paypal.statement import PayPalStatement

log = structlog.get_logger()

ACTOR = "payout-reconciliation"
MISSING = "transfer_missing"


def statements(rails: Mapping[str, Rail]) -> list[Statement]:
    """Of the configured rails, those that can be asked for what they have."""
    found: list[Statement] = []
    for rail in rails.values():
        if isinstance(rail, ColumnRail):
            found.append(ColumnStatement(rail.listing))
        if isinstance(rail, PayPalRail):
            found.append(PayPalStatement(rail))
    return found


class PayoutReconciliation:
    """Any number of looks may run at once: each finding is stored, or opened as a case, once."""

    def __init__(self, database: Database, store: InboxStore, partners: Sequence[Statement], *, days: int) -> None:
        """`days` after a payout was paid it may still come back, and is looked at."""
        self._database = database
        self._store = store
        self._partners = partners
        self._days = timedelta(days=days)

    @activity.defn(name=RECONCILE_PAYOUTS)
    async def reconcile(self) -> PayoutReconciliationReport:
        """Look once at everything."""
        async with heartbeats():
            return await self.look()

    async def look(self) -> PayoutReconciliationReport:
        """The same, outside of a workflow."""
        report = PayoutReconciliationReport()
        for partner in self._partners:
            for operation, changes in partner.operations.items():
                try:
                    await self._one(report, partner, operation, changes=changes)
                except EvidenceUnavailable as away:
                    log.warning("payouts_not_reconciled", partner=partner.source, operation=operation, why=str(away))
                    report.unread += 1
            try:
                await self._debits(report, partner)
            except EvidenceUnavailable as away:
                log.warning("payouts_not_reconciled", partner=partner.source, operation="debits", why=str(away))
                report.unread += 1
        return report

    async def _debits(self, report: PayoutReconciliationReport, partner: Statement) -> None:
        """What left us there by other ways than our requests take; looked at anew each time, for what was in doubt."""
        async with self._database.across_organizations(actor=ACTOR) as uow:
            first = await queries.first_sent(uow, partner.source)
            since = await uow.business_now() - self._days
        if first is not None:
            await PayoutDebits(self._database, actor=ACTOR).look(report, partner, first, max(since, first))

    async def _one(
        self, report: PayoutReconciliationReport, partner: Statement, operation: str, *, changes: bool
    ) -> None:
        feed = f"{partner.source}/{operation}"
        async with self._database.across_organizations(actor=ACTOR) as uow:
            first = await queries.first_sent(uow, partner.source)
            if first is None:
                return
            began = await uow.business_now()
            since = began - self._days
            # what does not change once it is made is looked at once
            if not changes:
                since = max(since, await last_reading(uow, feed) or since)
        seen = set()
        async for listed in partner.listed(operation, since):
            seen.add(listed.received.subject)
            await self._compare(report, listed, first)
        for call in await self._expected(partner.source, operation, since):
            if call["rail_id"] in seen:
                continue
            found = await partner.read(operation, call["rail_id"])
            if found is None:
                report.looked_at += 1
                summary = f"{partner.source} does not know a transfer that it had taken"
                report.missing += await self._case(MISSING, call, summary, {"transfer_id": call["rail_id"]})
            else:
                await self._compare(report, found, first)
        async with self._database.across_organizations(actor=ACTOR) as uow:
            await note_reading(uow, feed, began)

    async def _expected(self, rail: str, operation: str, since: datetime) -> Sequence[RowMapping]:
        async with self._database.across_organizations(actor=ACTOR) as uow:
            return await queries.expected(uow, rail, operation, since)

    async def _compare(self, report: PayoutReconciliationReport, listed: Listed, first: datetime) -> None:
        """Hold one transfer against the call that made it; an account may have a past from before our `first` call."""
        report.looked_at += 1
        told = listed.received
        async with self._database.across_organizations(actor=ACTOR) as uow:
            call = await queries.known(uow, told.source, told.subject, told.reference)
            if call is None and listed.made_at < first:
                return
            if call is None:
                summary = f"{told.source} has a transfer that nobody here made"
                report.unknown += await case_file.open_of_the_house_once(
                    uow, UNKNOWN, f"{told.source}-transfer", told.subject, summary, listed.shown
                )
                return
        if (listed.amount, listed.currency) != (call["amount"], call["currency"]):
            evidence = {**listed.shown, "ours": call["amount"]}
            summary = f"{told.source} moved another amount than was asked for"
            report.differing += await self._case(DIFFERS, call, summary, evidence)
        elif _is_news(call, listed):
            report.missed += await self._store.store(told)

    async def _case(self, kind: str, call: Mapping[Any, Any], summary: str, evidence: Mapping[str, Any]) -> bool:
        """In the call's organization, once for this finding, also after it was closed."""
        async with self._database.unit_of_work(call["organization_id"], actor=ACTOR) as uow:
            return await open_once(uow, kind, call, summary, evidence)


def _is_news(call: Mapping[Any, Any], listed: Listed) -> bool:
    """Proof for a call in doubt, a word against a refusal, or a state that its attempt is not known to have reached."""
    return call["state"] != "applied" or (listed.follows and listed.stage != call["stage"])
