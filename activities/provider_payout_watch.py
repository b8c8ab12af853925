"""Following payouts to banks: Chek has no webhooks, so its list of each bank account's payments is read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

import structlog
from temporalio import activity

from activities.heartbeat import heartbeats
from contracts.payout_watch import WATCH_PAYOUTS, PayoutWatchReport
from db.engine import Database
from db.flows.base import FlowSteps
from db.flows.chek_agreement import agree_again, differing
from db.flows.chek_user import refresh_run
from db.flows.provider_payment_payout import come_back, settle
from db.queries import case_file
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError
from rails.base import EvidenceUnavailable
from rails.chek.documents import ChekPayout
from settings import ChekSettings

log = structlog.get_logger()
ACTOR = "payout-watch"


class ChekPayouts(Protocol):
    """Where a bank account's payments can be read."""

    async def payouts(self, direct_pay_id: str) -> list[ChekPayout]:
        """All of them. Raises EvidenceUnavailable."""


class ProviderPayoutWatch:
    """Applies what Chek's lists say, each payment in a transaction of its own. `chek` is None where it is not used."""

    def __init__(
        self,
        database: Database,
        flows: Mapping[str, FlowSteps],
        chek: ChekPayouts | None,
        settings: ChekSettings,
        staff: str,
    ) -> None:
        self._database = database
        self._flows = flows
        self._chek = chek
        self._settings = settings
        self._staff = staff

    @activity.defn(name=WATCH_PAYOUTS)
    async def watch(self) -> PayoutWatchReport:
        """Look once at every payout that a bank may still settle or return; one that fails holds up no other."""
        seen: Counter[str] = Counter()
        async with heartbeats():
            await self._look(seen)
            # what came back explains what a step found in the wallet: it is planned anew from the books
            seen["replanned"] = await self._replan()
            await self._ask_how_paid()
        return PayoutWatchReport(**{name: seen[name] for name in PayoutWatchReport.model_fields})

    async def _ask_how_paid(self) -> None:
        """Have Chek asked about each provider whose payments wait for a bank account or card: nobody tells us of it."""
        async with self._database.across_organizations(actor=ACTOR) as uow:
            waiting = await queries.waiting_for_method(uow)
        for row in waiting:
            async with self._database.unit_of_work(row["organization_id"], actor=ACTOR) as uow:
                await uow.start_workflow(refresh_run(row["organization_id"], row["provider_id"]))

    async def _look(self, seen: Counter[str]) -> None:
        async with self._database.across_organizations(actor=ACTOR) as uow:
            now = await uow.business_now()
            rows = await queries.followed(uow, now - timedelta(days=self._settings.payout_follow_days))
        for account, payments in groupby(rows, lambda row: row["direct_pay_id"]):
            listed = await self._listed(account)
            if listed is None:
                seen["unread"] += 1
            for payment in payments:
                seen["looked_at"] += 1
                try:
                    seen[await self._follow(payment, listed, now)] += 1
                except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at again next time
                    log.warning("payout_watch_failed", payment_id=str(payment["id"]), error=type(error).__name__)

    async def _listed(self, account: str | None) -> Sequence[ChekPayout] | None:
        if self._chek is None or account is None:
            return None
        try:
            return await self._chek.payouts(account)
        except EvidenceUnavailable:
            return None

    async def _follow(self, payment: Mapping[Any, Any], listed: Sequence[ChekPayout] | None, now: datetime) -> str:
        payout = next((item for item in listed or () if _is(item, payment)), None)
        status = "" if payout is None else payout.status
        known = self._settings.payment_statuses | self._settings.settled_statuses | self._settings.returned_statuses
        if payout is not None and payout.amount != payment["amount_cents"]:
            return await self._ask(payment, "payout_differs", f"Chek lists the payout with {payout.amount} cents.")
        if payout is not None and status in self._settings.returned_statuses:
            return "returned" if await self._apply(payment, payout) else "known"
        if payout is not None and status in self._settings.settled_statuses:
            return "settled" if await self._apply(payment, payout) else "known"
        if payout is not None and status not in known:
            return await self._ask(payment, "payout_status_unknown", f"Chek says of the payout: {status}.")
        overdue = payment["paid_at"] + timedelta(days=self._settings.payout_overdue_days) < now
        if payment["settled_at"] is None and overdue:
            what = "Chek does not list the payout." if payout is None else f"The payout is still {status}."
            return await self._ask(payment, "payout_overdue", what)
        return "waiting"

    async def _apply(self, payment: Mapping[Any, Any], payout: ChekPayout) -> bool:
        steps = self._flows[queries.FLOW]
        async with self._unit_of_work(payment) as uow:
            row = await steps.lock(uow, payment["payment_intent_id"])
            standing = await queries.payment_of(uow, row["id"])
            if standing is None or standing["id"] != payment["id"]:
                return False
            if payout.status in self._settings.returned_statuses:
                applied = await come_back(uow, row, standing, payout.return_code, staff=self._staff)
            else:
                applied = await settle(uow, row, standing)
            if applied and payout.status in self._settings.returned_statuses:
                await uow.wake_workflow(steps.run(await steps.read(uow, row["id"])))
        return applied

    async def _ask(self, payment: Mapping[Any, Any], kind: str, what: str) -> str:
        """A case for a person, once until it is closed."""
        async with self._unit_of_work(payment) as uow:
            if await case_file.is_open(uow, kind, queries.FLOW, payment["payment_intent_id"]):
                return "waiting"
            evidence = {"money_call_id": payment["money_call_id"], "chek_id": payment["chek_id"]}
            await uow.open_case(kind, queries.FLOW, payment["payment_intent_id"], what, evidence)
        return "cases"

    async def _replan(self) -> int:
        async with self._database.across_organizations(actor=ACTOR) as uow:
            cases = await differing(uow)
        replanned = 0
        for case in cases:
            try:
                async with self._unit_of_work(case) as uow:
                    replanned += await agree_again(uow, self._flows, case)
            except BursarError as refusal:
                log.info("not_replanned", flow=case["subject_kind"], why=refusal.code)
        return replanned

    def _unit_of_work(self, row: Mapping[Any, Any]) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(row["organization_id"], actor=ACTOR)


def _is(payout: ChekPayout, payment: Mapping[Any, Any]) -> bool:
    """By Chek's id; where balances alone proved the payout and no id is known, by the memo that we sent."""
    if payment["chek_id"] is not None:
        return bool(payout.id == payment["chek_id"])
    return bool(payout.memo == payment["rail_reference"])
