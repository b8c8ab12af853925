"""The money call's activities: do a step of a flow, and look after calls whose flow no longer runs."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.errors import as_application_error
from activities.money_call_find import Finder
from activities.money_call_send import Sender, Sent
from contracts.money_call import PERFORM, MoneyCallResult, PerformMoneyCall
from db.engine import Database
from db.flows.base import FlowRow, FlowSteps, Perishable
from db.queries import money_call as queries
from db.unit_of_work import UnitOfWork
from domain.errors import (
    BursarError,
    ContradictionOpen,
    CorrectionPending,
    EvidenceMismatch,
    NotFound,
    StaleToken,
    StateConflict,
    Unavailable,
    WalletBusy,
)
from domain.money_call import MoneyCall
from rails.base import EvidenceUnavailable, Rail

MOST_STEPS = 4
"""How often one activity brings a call on: send, find out, send again, find out."""
LOOK_AGAIN_SECONDS = 1.0
PARTNER_AWAY_SECONDS = 5.0


class MoneyCalls:
    """Takes a flow's step from its row to an outcome; every repeat goes on from the row."""

    def __init__(
        self,
        database: Database,
        rails: Mapping[str, Rail],
        flows: Mapping[str, FlowSteps],
        sender: Sender,
        finder: Finder,
    ) -> None:
        self._database = database
        self._rails = rails
        self._flows = flows
        self._sender = sender
        self._finder = finder

    @activity.defn(name=PERFORM)
    async def perform(self, ask: PerformMoneyCall) -> MoneyCallResult:
        """Record the step if it is not, send it if that is safe, find out otherwise; then say where it stands.

        The flow outlives whatever goes wrong here: every error but an absent row is tried again.
        """
        try:
            return await self._perform(ask)
        except ContradictionOpen as error:
            return MoneyCallResult(state="blocked", code=error.code, message=error.message, must_act="operator")
        except StaleToken:
            # somebody else has moved the call on meanwhile: look at its row again
            return MoneyCallResult(state="unknown", ask_again_seconds=LOOK_AGAIN_SECONDS)
        except NotFound as error:
            raise as_application_error(error) from None
        except BursarError as error:
            raise ApplicationError(error.message, type=error.code) from None

    async def _perform(self, ask: PerformMoneyCall) -> MoneyCallResult:
        try:
            call, now = await self._recorded(ask)
        except (WalletBusy, CorrectionPending) as busy:
            return MoneyCallResult(state="waiting", code=busy.code, message=busy.message, must_act="nobody")
        except (NotFound, Unavailable, StaleToken, ContradictionOpen):
            raise
        except BursarError as refusal:
            return await self._not_recorded(ask, refusal)
        return await self._pursue(call, now)

    async def _pursue(self, call: MoneyCall, now: datetime) -> MoneyCallResult:
        """Send, or find out, until it is settled, or there is something to wait for; `call` has just been read."""
        ask_again = 0.0
        for step in range(MOST_STEPS):
            if step:
                call, now = await self._reread(call)
            if ask_again or call.state in ("applied", "refused"):
                break
            if call.state in ("sending", "unknown"):
                ask_again = await self._finder.find_out(call)
            elif call.state == "recorded":
                try:
                    sent = await self._sender.send(call)
                except EvidenceMismatch as error:
                    return _result(call, state="blocked", code=error.code, message=error.message)
                except EvidenceUnavailable:
                    return _result(call, code="partner_unavailable", ask_again=PARTNER_AWAY_SECONDS)
                if sent.settled:  # the clock is that of before the send: the look that follows tells it anew
                    return _result(sent.call, business_now=now)
                ask_again = self._again_after(sent)
            elif not await self._finder.hear(call):
                break
        return _result(call, ask_again=ask_again, business_now=now)

    def _again_after(self, sent: Sent) -> float:
        """The seconds to wait before trying again when the partner could not be reached, else 0."""
        if sent.outcome is not None or not sent.taken or sent.call.state != "recorded":
            return 0.0
        # each try is a row: the more there were, the longer until the next
        return self._finder.backoff.after(sent.call.fencing_token - 1)

    async def _recorded(self, ask: PerformMoneyCall) -> tuple[MoneyCall, datetime]:
        flow = self._flows[ask.flow]
        busy: tuple[str, ...] = ()
        try:
            async with self._unit_of_work(ask) as uow:
                row = await flow.lock(uow, ask.flow_id)
                standing = await queries.of_step(uow, ask.flow, ask.flow_id, ask.step, flow.ordinal(row, ask.step))
                if standing is not None:
                    call = await self._looked_at_again(uow, flow, row, standing)
                    if call is not None:
                        return call, await uow.business_now()
                    row = await flow.lock(uow, ask.flow_id)
                new = await flow.plan(uow, row, ask.step)
                rail = self._rails.get(new.rail)
                if rail is None:
                    raise StateConflict("rail_not_configured", f"No {new.rail} is configured here: see the settings.")
                strategy = rail.operations[new.operation].strategy
                busy = new.wallets
                now = await uow.business_now()
                return await uow.money_calls.record(ask.flow, ask.flow_id, new, strategy, now.date()), now
        except WalletBusy:
            # the plan is gone with its transaction: it is made anew when the wallet is free
            async with self._unit_of_work(ask) as uow:
                await queries.wait_for_wallets(uow, busy, ask.flow, ask.flow_id)
            raise

    @staticmethod
    async def _looked_at_again(uow: UnitOfWork, flow: FlowSteps, row: FlowRow, call: MoneyCall) -> MoneyCall | None:
        """The call as it stands once its flow has looked at it; None where it was taken back to be planned anew.

        One that may not go out any more was taken back just now: it is read again, so that nobody tries to send it.
        """
        if call.state != "recorded" or not isinstance(flow, Perishable):
            return call
        if await flow.withdraw_late(uow, row):
            return await queries.get(uow, call.id) or call
        return None if await flow.renew(uow, row, call) else call

    async def _not_recorded(self, ask: PerformMoneyCall, refusal: BursarError) -> MoneyCallResult:
        flow = self._flows[ask.flow]
        async with self._unit_of_work(ask) as uow:
            await flow.not_recorded(uow, await flow.lock(uow, ask.flow_id), ask.step, refusal)
            now = await uow.business_now()
        return MoneyCallResult(
            state="not_recorded",
            code=refusal.code,
            message=refusal.message,
            must_act="payee" if refusal.who_must_act == "payee" else "operator",
            business_now=now,
        )

    def _unit_of_work(self, ask: PerformMoneyCall) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(ask.organization_id, actor=f"flow/{ask.flow}")

    async def _reread(self, call: MoneyCall) -> tuple[MoneyCall, datetime]:
        async with self._database.unit_of_work(call.organization_id, actor="money-call") as uow:
            again = await queries.get(uow, call.id)
            now = await uow.business_now()
        if again is None:
            raise NotFound("money call")
        return again, now


def _result(
    call: MoneyCall,
    *,
    state: str | None = None,
    code: str | None = None,
    message: str | None = None,
    ask_again: float = 0.0,
    business_now: datetime | None = None,
) -> MoneyCallResult:
    standing = "unknown" if call.state in ("recorded", "sending") else call.state
    return MoneyCallResult.model_validate(
        {
            "state": state or standing,
            "code": code or call.code or ("partner_unreachable" if call.state == "recorded" else None),
            "message": message or call.message,
            "must_act": call.must_act,
            "money_call_id": call.id,
            "ordinal": call.ordinal,
            "business_now": business_now,
            "ask_again_seconds": ask_again if ask_again or standing != "unknown" else LOOK_AGAIN_SECONDS,
        }
    )
