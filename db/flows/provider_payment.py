"""The flow `provider-payment`: wallet to wallet, then to the provider's bank account or card (seed 004, section 3)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.chek_balances import ACCEPT_BALANCES, accept_balances, close_case
from db.flows.childcare_mail import tell_paid
from db.flows.childcare_stop_mail import ATTENDANCE, tell_stopped
from db.flows.provider_payment_command import call_of, cancel, retry, switch_method
from db.flows.provider_payment_payout import RETURN_CASE, step_ends_return
from db.flows.provider_payment_plan import plan_fund, plan_give_back, plan_pay_out
from db.queries import allocation as allocations
from db.queries import chek_wallet
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.errors import BursarError, InsufficientFunds, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.provider_payment import DONE, NEXT_STEP, STOPPED, UNDER_WAY, PaymentState, Step

_PLANS = {"fund": plan_fund, "pay_out": plan_pay_out, "give_back": plan_give_back}


class ProviderPaymentSteps:
    """What each step records, and what Chek's answers do to the payment."""

    flow = queries.FLOW
    commands: frozenset[str] = frozenset({"retry", "cancel", "method_changed", ACCEPT_BALANCES})

    def __init__(self, staff_mail: str = "") -> None:
        """`staff_mail`: the address that is told what staff must mend; empty: nobody's."""
        self._staff_mail = staff_mail

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The payment's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The payment's row."""
        return await queries.get(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Each step has its own count: a payout tried again needs no second move from wallet to wallet."""
        return int(row[f"{step}_try"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """What to record for a step, everything it rests on checked anew."""
        if NEXT_STEP.get(PaymentState(row["state"])) != step:
            raise StateConflict("payment_not_open", f"The payment is {row['state']}.")
        return await _PLANS[step](uow, row, self.ordinal(row, step))

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """Applied: on to the next state, and the payment's row with the payout. Refused: stopped, with the reason."""
        await allocations.get(uow, row["allocation_id"], lock=True)
        await chek_wallet.lock_wallets(uow, call.expectation)
        await close_case(uow, queries.FLOW, row["id"], "the balances agreed again")
        if step_ends_return(call.step, outcome.state):
            await close_case(uow, queries.FLOW, row["id"], f"the money went on: {call.step}", kind=RETURN_CASE)
        step: Step = call.step  # type: ignore[assignment]  # the flow's own steps only
        now = await uow.business_now()
        if outcome.state == "refused":
            await self._stop(uow, row, step, outcome.code, outcome.message, outcome.must_act, call.id)
            return ()
        values: dict[str, Any] = {"state": DONE[step], "code": None, "message": None, "must_act": None}
        if step == "fund":
            values["funded_at"] = now
            await queries.change_attempt(uow, row["id"], wallet_money_call_id=call.id)
        else:
            values["ended_at"] = now
        await queries.change(uow, row["id"], DONE[step], **values)
        if step == "pay_out":
            await self._paid(uow, row, call, outcome)
        return ()

    @staticmethod
    async def _paid(uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> None:
        attempt = await queries.open_attempt(uow, row["id"])
        if attempt is None:
            raise RuntimeError("a payout without an attempt")
        now = await uow.business_now()
        await queries.change_attempt(uow, row["id"], payout_money_call_id=call.id, state="succeeded", ended_at=now)
        payment = await queries.add_payment(
            uow,
            payment_intent_id=row["id"],
            payment_attempt_id=attempt["id"],
            money_call_id=call.id,
            allocation_id=row["allocation_id"],
            child_id=row["child_id"],
            provider_id=row["provider_id"],
            amount_cents=row["amount_cents"],
            currency=row["currency"],
            method=row["method"],
            chek_id=outcome.rail_id,
            paid_at=now,
        )
        await tell_paid(uow, row, payment["id"])

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was sent."""
        if NEXT_STEP.get(PaymentState(row["state"])) != step:
            return
        code = "wallet_short" if isinstance(refusal, InsufficientFunds) else refusal.code
        # a family is asked for attendance as a provider is; as a caller, where it asks itself
        must_act = "payee" if refusal.who_must_act == "payee" or refusal.code == ATTENDANCE else "operator"
        await self._stop(uow, row, step, code, refusal.message, must_act, None)

    async def _stop(
        self, uow: UnitOfWork, row: FlowRow, step: str, code: str, message: str, must_act: str, call_id: UUID | None
    ) -> None:
        state = STOPPED[step]  # type: ignore[index]  # the flow's own steps only
        await queries.change(uow, row["id"], state, state=state, code=code, message=message, must_act=must_act)
        if step != "give_back":
            failed = {"state": "failed", "code": code, "message": message, "ended_at": await uow.business_now()}
            if step == "pay_out" and call_id is not None:
                failed["payout_money_call_id"] = call_id
            await queries.change_attempt(uow, row["id"], **failed)
        await tell_stopped(uow, row, code, message, must_act, self._staff_mail)

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry`, `cancel`, `method_changed` and `accept_balances`."""
        if name == "cancel":
            await cancel(uow, row)
        elif name == "method_changed":
            await switch_method(uow, row)
        elif name == "retry":
            await retry(uow, row)
        else:
            step = next((step for step, state in UNDER_WAY.items() if state == row["state"]), None)
            call = None if step is None else await call_of(uow, row, step)
            await accept_balances(uow, call, arguments.get("balances", {}))
            await queries.change(uow, row["id"], "replanned", **{f"{step}_try": row[f"{step}_try"] + 1})

    def run(self, row: FlowRow) -> WorkflowRun:
        """`provider-payment/<id>`."""
        organization = row["organization_id"]
        shown = public_id("ppay", row["id"])
        return WorkflowRun(
            workflow=queries.FLOW,
            workflow_id=f"{queries.FLOW}/{row['id']}",
            restart_id=f"{queries.FLOW}/{row['id']}/again",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": queries.FLOW,
                "Subject": shown,
                "Payee": public_id("prov", row["provider_id"]),
                "State": row["state"],
            },
            summary=f"Pay a provider {Money(row['amount_cents'], row['currency'])}",
            path=f"/v1/provider-payments/{shown}",
        )
