"""Find out what became of a money call that is in doubt; never sends unless the rail's contract makes a repeat safe.

What the rail told us by itself (the inbox) is looked at before the rail is asked.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from activities.inbox_evidence import InboxEvidence
from activities.money_call_send import Sender
from activities.money_call_settle import Settler
from db.engine import Database
from db.queries import money_call as queries
from db.unit_of_work import UnitOfWork
from domain.money_call import Finding, MoneyCall
from rails.base import EvidenceUnavailable, Rail


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the rail is asked again: doubling from `first_seconds` to `longest_seconds`."""

    first_seconds: float
    longest_seconds: float

    def after(self, times_asked: int) -> float:
        """Seconds to wait after so many questions."""
        doubled: float = self.first_seconds * 2.0 ** min(times_asked, 20)
        return min(self.longest_seconds, doubled)


class Finder:
    """Asks rails; one instance per process."""

    def __init__(
        self,
        database: Database,
        rails: Mapping[str, Rail],
        settler: Settler,
        sender: Sender,
        *,
        backoff: Backoff,
        inbox: InboxEvidence,
    ) -> None:
        self._database = database
        self._rails = rails
        self._settler = settler
        self._sender = sender
        self.backoff = backoff
        self._inbox = inbox

    async def find_out(self, call: MoneyCall) -> float:
        """Ask once and write what is known. Returns the seconds to wait before asking again; 0 when it moved on.

        Until the send deadline plus the rail's settling delay only `applied` may be concluded.
        """
        rail = self._rails[call.rail]
        async with self._unit_of_work(call) as uow:
            early = await queries.seconds_to_deadline(uow, call) + rail.settling_delay_seconds
        finding = await self._inbox.about(call) or await self._ask(rail, call)
        if finding.conclusion == "applied" and finding.outcome is not None:
            await self._settler.keep_settling(call, finding.outcome, by="find")
            return 0.0
        if early > 0:
            return min(early, self.backoff.after(call.find_count))
        return await self._conclude(call, finding)

    async def hear(self, call: MoneyCall) -> bool:
        """Whether the rail has told by itself what became of a call that needs a person; then it is settled."""
        finding = await self._inbox.about(call)
        if finding is None or finding.outcome is None:
            return False
        await self._settler.keep_settling(call, finding.outcome, by="event")
        return True

    async def _ask(self, rail: Rail, call: MoneyCall) -> Finding:
        try:
            return await rail.find(call)
        except EvidenceUnavailable as error:
            return Finding("not_yet", evidence={"why": str(error)})

    async def _conclude(self, call: MoneyCall, finding: Finding) -> float:
        if finding.conclusion == "refused" and finding.outcome is not None:
            await self._settler.keep_settling(call, finding.outcome, by="find")
            return 0.0
        if finding.conclusion == "send_again":
            sent = await self._sender.send(call, again=finding)
            return 0.0 if sent.outcome is not None else self.backoff.after(call.find_count)
        if finding.conclusion == "cannot_tell":
            async with self._unit_of_work(call) as uow:
                await uow.money_calls.in_doubt(
                    call,
                    "needs_person",
                    call.code or "no_answer",
                    "The rail cannot tell what became of the request.",
                    by="find",
                    evidence=finding.evidence,
                )
            return 0.0
        await self._count(call)
        return self.backoff.after(call.find_count)

    async def _count(self, call: MoneyCall) -> None:
        async with self._unit_of_work(call) as uow:
            await uow.money_calls.in_doubt(call, "unknown", call.code or "no_answer", "No answer was read.", by="find")

    def _unit_of_work(self, call: MoneyCall) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(call.organization_id, actor="money-call/find")
