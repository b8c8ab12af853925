"""Send a money call once: `sending` is committed first, the gate checked last, a read answer kept until settled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from activities.money_call_settle import Settler
from activities.persistence import keep_trying, to_its_end
from db.engine import Database
from db.queries import money_call as queries
from db.unit_of_work import UnitOfWork
from domain.clock import steady_seconds
from domain.errors import EvidenceMismatch
from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import DeadlinePassed, NotSent, Rail, Readiness

log = structlog.get_logger()

Written = TypeVar("Written")


@dataclass(frozen=True, slots=True)
class Sent:
    """How a send ended.

    The call as it was taken, or as it was settled here; the outcome, None when nothing left; whether another sender was
    first; whether it was settled here, so that its row need not be read again.
    """

    call: MoneyCall
    outcome: Outcome | None
    taken: bool = True
    settled: bool = False


class Sender:
    """Sends money calls; one instance per process."""

    def __init__(
        self, database: Database, rails: Mapping[str, Rail], settler: Settler, *, send_window_seconds: float
    ) -> None:
        self._database = database
        self._rails = rails
        self._settler = settler
        self._window_seconds = send_window_seconds

    async def send(self, call: MoneyCall, again: Finding | None = None) -> Sent:
        """Send a recorded call, or repeat one that its rail allows to repeat (`again`).

        Raises EvidenceMismatch, with a case, when the partner's balances are not what the books say: nothing was sent.
        Runs to its end even if the activity is cancelled meanwhile: a request on the wire is not abandoned.
        """
        return await to_its_end(asyncio.create_task(self._send(call, again)))

    async def _send(self, call: MoneyCall, again: Finding | None) -> Sent:
        rail = self._rails[call.rail]
        readiness = None if again is not None else await rail.ready(call)
        if readiness is not None and not readiness.agrees:
            if not await self._open_case(call, readiness.evidence):
                return Sent(call, None, taken=False)
            raise EvidenceMismatch("The partner's balances differ from the books: nothing was sent.")
        taken_at = steady_seconds()
        taken = await self._begin(call, rail, again, readiness)
        if taken is None:
            return Sent(call, None, taken=False)

        async def gate() -> None:
            # measured from before the database's deadline was set, so it can only close early
            if steady_seconds() - taken_at >= self._window_seconds:
                raise DeadlinePassed("the send deadline has passed")

        try:
            outcome = await rail.send(taken, gate)
        except NotSent as error:
            log.info("not_sent", money_call_id=str(call.id), rail=call.rail, why=type(error).__name__)
            return Sent(await self._not_sent(taken), None)
        except Exception as error:  # noqa: BLE001 - any fault here leaves the outcome unknown
            # a fault of ours while the answer was read: the request may have arrived
            log.error("send_failed", money_call_id=str(call.id), rail=call.rail, error=type(error).__name__)
            outcome = Outcome("unknown", "unreadable_answer", "The answer could not be read.")
        if not await self._keep(taken, outcome):
            return Sent(taken, outcome)
        settled = replace(
            taken, state=outcome.state, code=outcome.code, message=outcome.message, must_act=outcome.must_act
        )
        return Sent(settled, outcome, settled=True)

    async def _begin(
        self, call: MoneyCall, rail: Rail, again: Finding | None, readiness: Readiness | None
    ) -> MoneyCall | None:
        taken = None
        try:
            async with self._unit_of_work(call) as uow:
                taken = await uow.money_calls.begin_send(
                    call,
                    window_seconds=self._window_seconds,
                    settling_seconds=rail.settling_delay_seconds,
                    new_reference=None if again is None else again.new_reference,
                    evidence=None if readiness is None else {"before": dict(readiness.evidence)},
                )
        except Exception:
            if taken is not None:
                # the commit's answer was lost: whether it stands or not, nothing was sent under it
                await self._not_sent(taken)
            raise
        return taken

    async def _not_sent(self, taken: MoneyCall) -> MoneyCall:
        async def write() -> MoneyCall:
            async with self._unit_of_work(taken) as uow:
                return await uow.money_calls.not_sent(taken)

        return await self._keep_trying(write, taken)

    async def _keep(self, taken: MoneyCall, outcome: Outcome) -> bool:
        """What was read is kept, also where it proves nothing or the flow's rows do not take it. Whether it settled."""
        if outcome.state == "unknown":
            await self._in_doubt(taken, outcome)
            return False
        try:
            return await self._settler.keep_settling(taken, outcome, by="answer")
        except Exception:
            read = {"said": outcome.state, "code": outcome.code, "rail_id": outcome.rail_id, "read": outcome.evidence}
            message = "The answer could not be booked."
            unbooked = Outcome("unknown", "not_settled", message, evidence=read, response=outcome.response)
            await self._in_doubt(taken, unbooked)
            raise

    async def _in_doubt(self, taken: MoneyCall, outcome: Outcome) -> None:
        async def write() -> None:
            async with self._unit_of_work(taken) as uow:
                await uow.money_calls.in_doubt(
                    taken,
                    "unknown",
                    outcome.code,
                    outcome.message,
                    by="answer",
                    evidence=outcome.evidence,
                    response=outcome.response,
                )

        await self._keep_trying(write, taken)

    async def _keep_trying(self, write: Callable[[], Awaitable[Written]], call: MoneyCall) -> Written:
        return await keep_trying(write, deadline_seconds=self._settler.deadline_seconds, money_call_id=call.id)

    async def _open_case(self, call: MoneyCall, evidence: Mapping[str, object]) -> bool:
        """False where another sender moved the wallet meanwhile: that is what was seen."""
        async with self._unit_of_work(call) as uow:
            now = await queries.get(uow, call.id, lock=True)
            if now is None or now.state != "recorded" or now.fencing_token != call.fencing_token:
                return False
            await uow.open_case(
                "books_differ",
                call.flow,
                call.flow_id,
                f"The {call.rail} partner's balances differ from the books: {call.step} was not sent",
                {"money_call_id": call.id, **evidence},
            )
        return True

    def _unit_of_work(self, call: MoneyCall) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(call.organization_id, actor="money-call/send")
