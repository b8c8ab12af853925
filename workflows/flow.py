"""What every money flow's workflow shares: being woken, the business clock, operators' commands, and money steps."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError, is_cancelled_exception

from contracts.flow import COMMAND, NOTHING_SAID, Ask, CommandAnswer, FlowCommand, FlowInput, FlowStatus, ask_from
from contracts.money_call import PERFORM, MoneyCallResult, PerformMoneyCall
from workflows import presets

Result = TypeVar("Result", bound=BaseModel)

STATE = SearchAttributeKey.for_keyword("State")

# A wake-up may be lost only with the signal itself; these look again all the same.
LOOK_AGAIN = timedelta(hours=6)
# The database's clock and this one differ by a little: never ask again at once.
SHORTEST = timedelta(milliseconds=200)
WALLET_LOOK_AGAIN = timedelta(seconds=20)
PARTNER_AWAY = frozenset({"partner_unreachable", "partner_unavailable"})
WAITS_FOR = {
    "wallet_busy": "the wallet, which another payment is using",
    "correction_pending": "the account to be corrected as its bank asked",
}
# Shown beside the names in the web UI's dialogs.
MEANS = {
    "retry": "Try again",
    "cancel": "Stop before the money is handed over",
    "reverse": "Propose to give the money back: opens a case",
    "resolve": "Propose what became of a call in doubt: opens a case",
    "method_changed": "Pay by another method, named by method_id",
}


def _shown(result: MoneyCallResult) -> str | None:
    """The state of a call that operators look for; None while the call only waits its turn, or for its partner."""
    if result.state in ("needs_person", "blocked"):
        return result.state
    in_doubt = result.state == "unknown" and result.code not in PARTNER_AWAY
    return "unknown" if in_doubt else None


class Flow:
    """Base of the money flows. Subclasses name themselves in `flow` and offer `commands`."""

    flow = ""
    commands: frozenset[str] = frozenset()

    def __init__(self, start: FlowInput) -> None:
        self._start = start
        self._wakes = 0
        self._looked = 0
        self._ahead = timedelta()
        self._asked: list[tuple[str, Ask]] = []
        self._state = "started"
        self._waiting_for = ""
        self._last_asked = ""

    # -- what the outside says -------------------------------------------------------------------------------------

    # Signals take whatever somebody types: a handler that fails on it would block the run for good.

    @workflow.signal(description="The rows have changed: look again")
    def wake(self, *_said: Any) -> None:
        """The rows have changed: look again."""
        self._wakes += 1

    @workflow.signal(description="Sandbox: the business clock was moved")
    def clock_advanced(self, *said: Any) -> None:
        """Sandbox mode: the business clock was moved to this instant."""
        with suppress(IndexError, TypeError, ValueError):
            self._ahead = max(self._ahead, datetime.fromisoformat(said[0]) - workflow.now())
            self._wakes += 1

    @workflow.signal(description=MEANS["retry"])
    def retry(self, *said: Any) -> None:
        """Ask for another try."""
        self._hear("retry", said)

    @workflow.signal(description=MEANS["cancel"])
    def cancel(self, *said: Any) -> None:
        """Ask to stop before the money is handed over."""
        self._hear("cancel", said)

    @workflow.signal(description=MEANS["reverse"])
    def reverse(self, *said: Any) -> None:
        """Propose to give the money back."""
        self._hear("reverse", said)

    @workflow.signal(description=MEANS["resolve"])
    def resolve(self, *said: Any) -> None:
        """Propose what became of a call that is in doubt; settles nothing by itself."""
        self._hear("resolve", said)

    @workflow.signal(description=MEANS["method_changed"])
    def method_changed(self, *said: Any) -> None:
        """Say that a payout method was changed or chosen for this flow."""
        self._hear("method_changed", said)

    @workflow.update(name="retry", description=MEANS["retry"])
    async def retry_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Ask for another try; answered with yes, or why not."""
        return await self._command("retry", ask, "update")

    @retry_update.validator
    def _may_retry(self, ask: Ask | None = None) -> None:
        self._offers("retry")

    @workflow.update(name="cancel", description=MEANS["cancel"])
    async def cancel_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Ask to stop before the money is handed over; answered with yes, or why not."""
        return await self._command("cancel", ask, "update")

    @cancel_update.validator
    def _may_cancel(self, ask: Ask | None = None) -> None:
        self._offers("cancel")

    @workflow.update(name="reverse", description=MEANS["reverse"])
    async def reverse_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Propose to give the money back; answered with yes, or why not."""
        return await self._command("reverse", ask, "update")

    @reverse_update.validator
    def _may_reverse(self, ask: Ask | None = None) -> None:
        self._offers("reverse")

    @workflow.update(name="method_changed", description=MEANS["method_changed"])
    async def method_changed_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Choose another payout method for this flow; answered with yes, or why not."""
        return await self._command("method_changed", ask, "update")

    @method_changed_update.validator
    def _may_change_method(self, ask: Ask | None = None) -> None:
        self._offers("method_changed")

    @workflow.update(name="resolve", description=MEANS["resolve"])
    async def resolve_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Propose what became of a call that is in doubt; settles nothing by itself."""
        return await self._command("resolve", ask, "update")

    @workflow.query
    def status(self) -> FlowStatus:
        """Where the flow stands and what it waits for."""
        return FlowStatus(state=self._state, waiting_for=self._waiting_for, business_now=self.business_now())

    # -- what flows are written with ---------------------------------------------------------------------------------

    def business_now(self) -> datetime:
        """The business clock: UTC in production."""
        return workflow.now() + self._ahead

    def see_clock(self, business_now: datetime | None) -> None:
        """Learn from an activity how far the business clock is ahead."""
        if business_now is not None:
            self._ahead = max(self._ahead, business_now - workflow.now())

    def show(self, state: str, waiting_for: str = "") -> None:
        """Make the state visible: search attribute, details in the web UI, and the `status` query."""
        if state != self._state:
            workflow.upsert_search_attributes([STATE.value_set(state)])
        self._state = state
        self._waiting_for = waiting_for
        self._describe()

    async def to_the_end(self, story: Callable[[], Awaitable[str]]) -> str:
        """Play the flow's story; once more from its rows when it was woken, or asked something, after its last look.

        Temporal takes a signal as delivered although the run ends with it: nobody else would hear it. Temporal's own
        cancellation means our `cancel`: it is asked like any other, and refused once the money is on its way.
        """
        while True:
            try:
                end = await story()
                await workflow.wait_condition(workflow.all_handlers_finished)
            except (Exception, asyncio.CancelledError) as error:
                if not is_cancelled_exception(error):
                    raise
                self._asked.append(("cancel", Ask(reason="cancelled in Temporal")))
                await self._answer_asked()
                continue
            if self._wakes == self._looked and not self._asked:
                return end
            await self._answer_asked()

    async def wait(self, waiting_for: str, longest: timedelta = LOOK_AGAIN) -> None:
        """Wait, visibly, until woken, or asked something, or `longest` has passed."""
        self.show(self._state, waiting_for)
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._wakes != self._looked or bool(self._asked),
                timeout=max(longest, SHORTEST),
                timeout_summary=f"waiting for {waiting_for}",
            )
        await self._answer_asked()
        self._looked = self._wakes
        if workflow.info().is_continue_as_new_suggested() and not self._asked and workflow.all_handlers_finished():
            workflow.continue_as_new(self._start)  # a flow goes on from its rows, so a fresh history loses nothing

    async def wait_until(self, instant: datetime, waiting_for: str) -> None:
        """Wait, visibly, for an instant of the business clock."""
        while (left := instant - self.business_now()) > timedelta():
            await self.wait(waiting_for, left)

    async def money_step(self, step: str) -> MoneyCallResult:
        """Do one money step; returns when it is applied, refused, or was not recorded. Waits through every doubt.

        While it waits for a person, or is in doubt, that is the state that is shown.
        """
        own = self._state
        while True:
            self._looked = self._wakes
            result: MoneyCallResult = await workflow.execute_activity(
                PERFORM,
                PerformMoneyCall(
                    organization_id=self._start.organization_id, flow=self.flow, flow_id=self._start.id, step=step
                ),
                result_type=MoneyCallResult,
                summary=step,
                **presets.MONEY_CALL,
            )
            self.see_clock(result.business_now)
            if result.state in ("applied", "refused", "not_recorded"):
                self.show(own)
                return result
            self.show(_shown(result) or own)
            if result.state == "waiting":
                await self.wait(WAITS_FOR.get(result.code or "", WAITS_FOR["wallet_busy"]), WALLET_LOOK_AGAIN)
            elif result.state == "needs_person":
                await self.wait("an operator to find out and resolve")
            elif result.state == "blocked":
                await self.wait("a case to be closed")
            else:
                await self.wait(
                    f"the outcome of {step} ({result.code or 'no answer yet'})",
                    timedelta(seconds=max(result.ask_again_seconds, 0.1)),
                )

    async def step(self, activity: str, result_type: type[Result]) -> Result:
        """Do one step on our own rows; what wakes the flow from here on is not missed by the next `wait`."""
        self._looked = self._wakes
        result: Result = await workflow.execute_activity(
            activity,
            self._start,
            result_type=result_type,
            summary=f"in state {self._state}",
            **presets.DATABASE,
        )
        return result

    async def look(self, activity: str, result_type: type[Result]) -> Result:
        """Read where our own rows stand: a step that changes nothing, one event of history instead of six.

        As a local activity it may be done twice, and is done by the worker that has the run: a short read is all it is.
        """
        self._looked = self._wakes
        result: Result = await workflow.execute_local_activity(
            activity, self._start, result_type=result_type, **presets.LOOK
        )
        return result

    # -- how it is done ----------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        """Say in the web UI, in markdown, where the flow stands and what became of what was asked last."""
        standing = f"**{self._state}**" + (f", waiting for {self._waiting_for}" if self._waiting_for else "")
        workflow.set_current_details(standing + (f"\n\nLast asked: {self._last_asked}" if self._last_asked else ""))

    def _hear(self, name: str, said: Sequence[Any]) -> None:
        ask = ask_from(said)
        if ask is None:
            workflow.logger.warning("a %s that makes no sense was not taken", name)
            self._last_asked = f"`{name}`, not taken: its input makes no sense"
            self._describe()
        else:
            self._asked.append((name, ask))

    def _offers(self, name: str) -> None:
        if name not in self.commands:
            raise ApplicationError(f"{self.flow} has no {name}", type="not_offered", non_retryable=True)

    async def _answer_asked(self) -> None:
        while self._asked:
            name, ask = self._asked[0]  # taken off when it is answered: a cancellation may come in between
            answer = await self._command(name, ask, "signal")
            self._asked.pop(0)
            if not answer.accepted:
                workflow.logger.info("refused %s: %s", name, answer.code)

    async def _command(self, name: str, ask: Ask | None, came_by: str) -> CommandAnswer:
        answer: CommandAnswer = await workflow.execute_activity(
            COMMAND,
            FlowCommand(
                organization_id=self._start.organization_id,
                flow=self.flow,
                flow_id=self._start.id,
                name=name,
                ask=ask or NOTHING_SAID,
                came_by=came_by,
            ),
            result_type=CommandAnswer,
            summary=name,
            **presets.DATABASE,
        )
        said = "accepted" if answer.accepted else f"refused (`{answer.code}`)"
        self._last_asked = f"`{name}`, {said}" + (f": {answer.message}" if answer.message else "")
        self._describe()
        if answer.accepted:
            self._wakes += 1
        return answer
