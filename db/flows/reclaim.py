"""The flow `reclaim`: one money step, family to programme, that takes back what a month did not use (reference, 11.10).

Its amount left the budget when it was asked for, so nothing that is selected, on its way or paid can be taken; the
floor of the allocation's own account says the same of the money.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.chek_balances import ACCEPT_BALANCES, accept_balances, close_case
from db.money_calls.withdraw import withdraw_unsent
from db.queries import allocation as allocations
from db.queries import chek_wallet, family, program
from db.queries import money_call as money_calls
from db.queries import reclaim as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.chek_wallet import user_wallet
from domain.childcare_accounts import family_wallet, program_funds
from domain.errors import BursarError, InsufficientFunds, StateConflict
from domain.ids import new_id, public_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, MoneyCall, NewMoneyCall, Outcome, Posting
from domain.reclaim import ENDED, OPEN, ReclaimState

STEP = "reclaim"


class ReclaimSteps:
    """What taking money back records, and what Chek's answer does to it."""

    flow = queries.FLOW
    commands: frozenset[str] = frozenset({"retry", "cancel", ACCEPT_BALANCES})

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The reclaim's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The reclaim's row."""
        return await queries.get(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Which try it is."""
        del step
        return int(row["reclaim_try"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """Family's wallet to programme, out of the one allocation's part of it."""
        if ReclaimState(row["state"]) not in OPEN:
            raise StateConflict("reclaim_not_open", f"The reclaim is {row['state']}.")
        user = await family.chek_user_of(uow, row["family_id"])
        if user is None:
            raise StateConflict("family_not_onboarded", "The family has no wallet at Chek yet.")
        owner = await program.get(uow, row["program_id"])
        money = Money(row["amount_cents"], row["currency"])
        if row["state"] != ReclaimState.RECLAIMING:
            await queries.change(uow, row["id"], "reclaiming", state=ReclaimState.RECLAIMING)
        line = LedgerLine(
            family_wallet(row["family_id"], row["allocation_id"]), program_funds(row["program_id"]), money.minor_units
        )
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="chek",
            operation="reclaim",
            rail_reference=f"bursar-{new_id().hex}",
            money=money,
            request={"user": user, "program": owner["chek_program_id"]},
            hold=Hold("reclaim", (line,), f"Reclaim {public_id('recl', row['id'])}"),
            wallets=(user_wallet(user),),
            expectation=await chek_wallet.expectation(uow, [user], money.currency),
        )

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """`reclaimed` once Chek has moved the money; a refusal stops it, the amount stays out of the budget."""
        await chek_wallet.lock_wallets(uow, call.expectation)
        await close_case(uow, queries.FLOW, row["id"], "the balances agreed again")
        if outcome.state == "applied":
            await queries.change(
                uow,
                row["id"],
                "reclaimed",
                state=ReclaimState.RECLAIMED,
                ended_at=await uow.business_now(),
                code=None,
                message=None,
                must_act=None,
            )
        else:
            await self._stop(uow, row, outcome.code, outcome.message, outcome.must_act)
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was sent."""
        del step
        if ReclaimState(row["state"]) in OPEN:
            code = "wallet_short" if isinstance(refusal, InsufficientFunds) else refusal.code
            await self._stop(uow, row, code, refusal.message, "operator")

    @staticmethod
    async def _stop(uow: UnitOfWork, row: FlowRow, code: str, message: str, must_act: str) -> None:
        await queries.change(
            uow, row["id"], "stopped", state=ReclaimState.STOPPED, code=code, message=message, must_act=must_act
        )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry` a stopped reclaim, `cancel` one that was not sent, `accept_balances` when the wallet differs."""
        call = await money_calls.of_step(uow, queries.FLOW, row["id"], STEP, self.ordinal(row, STEP))
        if name == "cancel":
            await self._cancel(uow, row)
        elif name == ACCEPT_BALANCES:
            await accept_balances(uow, call, arguments.get("balances", {}))
            await queries.change(uow, row["id"], "replanned", reclaim_try=row["reclaim_try"] + 1)
        else:
            await self._retry(uow, row, call)

    @staticmethod
    async def _retry(uow: UnitOfWork, row: FlowRow, call: MoneyCall | None) -> None:
        if row["state"] == ReclaimState.RECLAIMING and (call is None or call.state == "recorded"):
            return  # it waits for its wallet or its balances: looking again is all there is to do
        if row["state"] != ReclaimState.STOPPED:
            raise StateConflict("not_stopped", f"The reclaim is {row['state']}: there is nothing to retry.")
        again = row["reclaim_try"] + (call is not None)
        await queries.change(
            uow,
            row["id"],
            "retried",
            state=ReclaimState.SUBMITTED,
            reclaim_try=again,
            code=None,
            message=None,
            must_act=None,
        )

    @staticmethod
    async def _cancel(uow: UnitOfWork, row: FlowRow) -> None:
        if ReclaimState(row["state"]) in ENDED:
            raise StateConflict("already_ended", f"The reclaim is {row['state']}: it cannot be cancelled.")
        # the amount goes back into the budget: the allocation comes before the books, as for whoever pays out of it
        await allocations.get(uow, row["allocation_id"], lock=True)
        await withdraw_unsent(uow, queries.FLOW, row["id"], STEP, row["reclaim_try"])
        now = await uow.business_now()
        await queries.change(uow, row["id"], "cancelled", state=ReclaimState.CANCELLED, ended_at=now, code="cancelled")

    def run(self, row: FlowRow) -> WorkflowRun:
        """`reclaim/<id>`."""
        organization = row["organization_id"]
        shown = public_id("recl", row["id"])
        return WorkflowRun(
            workflow=queries.FLOW,
            workflow_id=f"{queries.FLOW}/{row['id']}",
            restart_id=f"{queries.FLOW}/{row['id']}/again",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": queries.FLOW,
                "Subject": shown,
                "Payee": public_id("fam", row["family_id"]),
                "State": row["state"],
            },
            summary=f"Take back {Money(row['amount_cents'], row['currency'])} of {row['month']:%Y-%m}",
            path=f"/v1/reclaims/{shown}",
        )
