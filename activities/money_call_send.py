"""Send a money call once: `sending` is committed first, the gate checked last, a read answer kept until settled."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from activities.money_call_settle import Settler
from db.engine import Database
from db.unit_of_work import UnitOfWork
from domain.errors import EvidenceMismatch
from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import DeadlinePassed, NotSent, Rail

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """How a send ended: the call as it was taken, and the outcome (None: nothing left, or another sender was first)."""

    call: MoneyCall
    outcome: Outcome | None


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
        task = asyncio.create_task(self._send(call, again))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise

    async def _send(self, call: MoneyCall, again: Finding | None) -> Sent:
        rail = self._rails[call.rail]
        readiness = None if again is not None else await rail.ready(call)
        if readiness is not None and not readiness.agrees:
            await self._open_case(call, readiness.evidence)
            raise EvidenceMismatch("The partner's balances differ from the books: nothing was sent.")
        taken_at = time.monotonic()
        async with self._unit_of_work(call) as uow:
            taken = await uow.money_calls.begin_send(
                call,
                window_seconds=self._window_seconds,
                settling_seconds=rail.settling_delay_seconds,
                new_reference=None if again is None else again.new_reference,
                evidence=None if readiness is None else {"before": dict(readiness.evidence)},
            )
        if taken is None:
            return Sent(call, None)

        async def gate() -> None:
            # measured from before the database's deadline was set, so it can only close early
            if time.monotonic() - taken_at >= self._window_seconds:
                raise DeadlinePassed("the send deadline has passed")

        try:
            outcome = await rail.send(taken, gate)
        except NotSent as error:
            log.info("not_sent", money_call_id=str(call.id), rail=call.rail, why=type(error).__name__)
            async with self._unit_of_work(call) as uow:
                return Sent(await uow.money_calls.not_sent(taken), None)
        except Exception as error:  # noqa: BLE001 - any fault here leaves the outcome unknown
            # a fault of ours while the answer was read: the request may have arrived
            log.error("send_failed", money_call_id=str(call.id), rail=call.rail, error=type(error).__name__)
            outcome = Outcome("unknown", "unreadable_answer", "The answer could not be read.")
        await self._keep(taken, outcome)
        return Sent(taken, outcome)

    async def _keep(self, taken: MoneyCall, outcome: Outcome) -> None:
        if outcome.state != "unknown":
            await self._settler.keep_settling(taken, outcome, by="answer")
            return
        async with self._unit_of_work(taken) as uow:
            await uow.money_calls.in_doubt(taken, "unknown", outcome.code, outcome.message, dict(outcome.evidence))

    async def _open_case(self, call: MoneyCall, evidence: Mapping[str, object]) -> None:
        async with self._unit_of_work(call) as uow:
            await uow.open_case(
                "books_differ",
                call.flow,
                call.flow_id,
                f"The {call.rail} partner's balances differ from the books: {call.step} was not sent",
                {"money_call_id": call.id, **evidence},
            )

    def _unit_of_work(self, call: MoneyCall) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(call.organization_id, actor="money-call/send")
