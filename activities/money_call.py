"""The money call's activities: do a step of a flow, and look after calls whose flow no longer runs."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from temporalio import activity

from activities.errors import as_application_error
from activities.money_call_find import Finder
from activities.money_call_send import Sender
from contracts.money_call import PERFORM, MoneyCallResult, PerformMoneyCall
from db.engine import Database
from db.flows.base import FlowSteps
from db.queries import money_call as queries
from domain.errors import (
    BursarError,
    ContradictionOpen,
    EvidenceMismatch,
    NotFound,
    StaleToken,
    Unavailable,
    WalletBusy,
)
from domain.money_call import MoneyCall
from rails.base import EvidenceUnavailable, Rail

HEARTBEAT_EVERY_SECONDS = 1.5


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
        """Record the step if it is not, send it if that is safe, find out otherwise; then say where it stands."""
        heartbeat = asyncio.create_task(_heartbeat())
        try:
            return await self._perform(ask)
        except BursarError as error:
            raise as_application_error(error) from None
        finally:
            heartbeat.cancel()
            with suppress(asyncio.CancelledError):
                await heartbeat

    async def _perform(self, ask: PerformMoneyCall) -> MoneyCallResult:
        try:
            call = await self._recorded(ask)
        except WalletBusy as busy:
            return MoneyCallResult(state="waiting", code=busy.code, message=busy.message, must_act="nobody")
        except ContradictionOpen as error:
            return MoneyCallResult(state="blocked", code=error.code, message=error.message, must_act="operator")
        except (NotFound, Unavailable, StaleToken):
            raise
        except BursarError as refusal:
            return await self._not_recorded(ask, refusal)
        call, now = await self._reread(call)
        ask_again = 0.0
        for _ in range(4):
            if call.state == "recorded":
                try:
                    sent = await self._sender.send(call)
                except EvidenceMismatch as error:
                    return _result(call, state="blocked", code=error.code, message=error.message)
                except EvidenceUnavailable:
                    return _result(call, state="unknown", code="partner_unavailable", ask_again=5.0)
                if sent.outcome is None and sent.call.state == "recorded":
                    return _result(sent.call, state="unknown", code="partner_unreachable", ask_again=2.0)
            elif call.state in ("sending", "unknown"):
                ask_again = await self._finder.find_out(call)
                if ask_again:
                    break
            else:
                break
            call, now = await self._reread(call)
        return _result(call, ask_again=ask_again, business_now=now)

    async def _recorded(self, ask: PerformMoneyCall) -> MoneyCall:
        flow = self._flows[ask.flow]
        async with self._database.unit_of_work(ask.organization_id, actor=f"flow/{ask.flow}") as uow:
            row = await flow.lock(uow, ask.flow_id)
            standing = await queries.of_step(uow, ask.flow, ask.flow_id, ask.step, flow.ordinal(row, ask.step))
            if standing is not None:
                return standing
            new = await flow.plan(uow, row, ask.step)
            strategy = self._rails[new.rail].operations[new.operation].strategy
            today = (await uow.business_now()).date()
            try:
                async with uow.connection.begin_nested():
                    return await uow.money_calls.record(ask.flow, ask.flow_id, new, strategy, today)
            except WalletBusy:
                busy = new.wallets
        async with self._database.unit_of_work(ask.organization_id, actor=f"flow/{ask.flow}") as uow:
            await queries.wait_for_wallets(uow, busy, ask.flow, ask.flow_id)
        raise WalletBusy

    async def _not_recorded(self, ask: PerformMoneyCall, refusal: BursarError) -> MoneyCallResult:
        flow = self._flows[ask.flow]
        async with self._database.unit_of_work(ask.organization_id, actor=f"flow/{ask.flow}") as uow:
            await flow.not_recorded(uow, await flow.lock(uow, ask.flow_id), ask.step, refusal)
            now = await uow.business_now()
        return MoneyCallResult(
            state="not_recorded",
            code=refusal.code,
            message=refusal.message,
            must_act="payee" if refusal.who_must_act == "payee" else "operator",
            business_now=now,
        )

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
            "code": code or call.code,
            "message": message or call.message,
            "must_act": call.must_act,
            "money_call_id": call.id,
            "ordinal": call.ordinal,
            "business_now": business_now,
            "ask_again_seconds": ask_again if ask_again or standing != "unknown" else 1.0,
        }
    )


async def _heartbeat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_EVERY_SECONDS)
