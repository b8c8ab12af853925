"""Payouts of approved expense reports, from the approval to the bank's word that they settled."""

from functools import partial
from typing import Any
from uuid import UUID

from bench.contenders.whole_flow import at_once, rows_stand, runs_end, uuid_of
from tests.flows.reimbursements.people import People
from tests.system import System

SENT = "select count(*) from payout_holding where report_id = any(:ids) and state = 'sent'"
SETTLES_WITHIN_DAYS = 5


class Reimbursements:
    """One payee; one expense each."""

    name = "reimbursement payout"
    workflow = "reimbursement"

    def __init__(self, system: System) -> None:
        self._system = system
        self._people = People(system)
        self._reports: list[str] = []

    async def prepare(self, count: int) -> None:
        """Reports that are reviewed and wait for their approval."""
        if not self._people.payee:
            await self._people.deposit(10**10)
            await self._people.add_payee()
            await self._people.policy(receipt_required=False)
        self._reports = await at_once([partial(self._people.reviewed, 1_000)] * count)

    async def play(self) -> list[UUID]:
        """Approved, funded and sent; then days pass and the bank settles."""
        await at_once([partial(self._approve, report) for report in self._reports])
        ids = [uuid_of(report) for report in self._reports]
        await rows_stand(self._system, SENT, ids)
        await self._system.advance_clock(days=SETTLES_WITHIN_DAYS)
        await runs_end(self._system, self.workflow, ids)
        return ids

    async def _approve(self, report: str) -> Any:
        return await self._system.post(f"/v1/reports/{report}/approve", None, client=self._system.other_operator)
