"""The flow `allocation`: one money step, programme to family, that funds a child's month (seed 004, section 1)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.chek_balances import ACCEPT_BALANCES, accept_balances, close_case
from db.queries import allocation as queries
from db.queries import chek_wallet, family, program
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.chek_wallet import user_wallet
from domain.childcare_accounts import family_wallet, program_funds
from domain.errors import BursarError, StateConflict
from domain.ids import new_id, public_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, MoneyCall, NewMoneyCall, Outcome, Posting

FLOW, FUND = "allocation", "fund"


class AllocationSteps:
    """What funding an allocation records, and what Chek's answer does to it. `unfunded` with a code is stopped."""

    flow = FLOW
    commands: frozenset[str] = frozenset({"retry", ACCEPT_BALANCES})

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The allocation's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The allocation's row."""
        return await queries.get(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Which try of the funding."""
        del step
        return int(row["funding_attempt"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """Programme to wallet. Refused before onboarding; the programme's balance is Chek's to check."""
        if row["funding_state"] == "funded" or row["code"] is not None:
            raise StateConflict("allocation_not_open", "The allocation is funded, or waits for a retry.")
        user = await family.chek_user_of(uow, row["family_id"])
        if user is None:
            raise StateConflict("family_not_onboarded", "The family has no wallet at Chek yet.")
        owner = await program.get(uow, row["program_id"])
        money = Money(row["allocation_cents"], row["currency"])
        if row["funding_state"] != "funding":
            await queries.change(uow, row["id"], "funding", funding_state="funding")
        line = LedgerLine(
            program_funds(row["program_id"]), family_wallet(row["family_id"], row["id"]), money.minor_units
        )
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="chek",
            operation="fund_family",
            rail_reference=f"bursar-{new_id().hex}",
            money=money,
            request={"user": user, "program": owner["chek_program_id"]},
            hold=Hold("allocation_funding", (line,), f"Allocation {public_id('alloc', row['id'])}"),
            wallets=(user_wallet(user),),
            expectation=await chek_wallet.expectation(uow, [user], money.currency),
        )

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """`funded` once Chek has moved the money; a refusal leaves it visibly `unfunded`, with the reason."""
        await chek_wallet.lock_wallets(uow, call.expectation)
        await close_case(uow, FLOW, row["id"], "the balances agreed again")
        if outcome.state == "applied":
            now = await uow.business_now()
            await queries.change(
                uow, row["id"], "funded", funding_state="funded", funded_at=now, code=None, message=None
            )
        else:
            await self._stop(uow, row, outcome.code, outcome.message, outcome.must_act)
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was sent."""
        del step
        if refusal.code == "family_not_onboarded" and await family.chek_user_of(uow, row["family_id"]) is not None:
            return  # the wallet came meanwhile, and whoever set it saw nothing stopped
        if row["funding_state"] != "funded" and row["code"] is None:
            await self._stop(uow, row, refusal.code, refusal.message, "operator")

    @staticmethod
    async def _stop(uow: UnitOfWork, row: FlowRow, code: str, message: str, must_act: str) -> None:
        await queries.change(
            uow,
            row["id"],
            "funding_stopped",
            funding_state="unfunded",
            code=code,
            message=message,
            must_act=must_act,
        )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry` a stopped funding; `accept_balances` when the wallet is not what the books say."""
        call = await money_calls.of_step(uow, FLOW, row["id"], FUND, self.ordinal(row, FUND))
        if name == ACCEPT_BALANCES:
            await accept_balances(uow, call, arguments.get("balances", {}))
            await queries.change(uow, row["id"], "replanned", funding_attempt=row["funding_attempt"] + 1)
            return
        stopped = row["funding_state"] == "unfunded" and row["code"] is not None
        if not stopped and row["funding_state"] != "funded" and (call is None or call.state == "recorded"):
            return  # nothing was handed over: looking again is all there is to do
        if not stopped:
            raise StateConflict("not_stopped", f"The allocation is {row['funding_state']}: there is nothing to retry.")
        await queries.change(
            uow,
            row["id"],
            "retried",
            code=None,
            message=None,
            must_act=None,
            funding_attempt=row["funding_attempt"] + (call is not None),
        )

    def run(self, row: FlowRow) -> WorkflowRun:
        """`allocation/<id>`."""
        organization = row["organization_id"]
        shown = public_id("alloc", row["id"])
        return WorkflowRun(
            workflow=FLOW,
            workflow_id=f"{FLOW}/{row['id']}",
            restart_id=f"{FLOW}/{row['id']}/again",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": FLOW,
                "Subject": shown,
                "Payee": public_id("fam", row["family_id"]),
                "State": row["funding_state"],
            },
            summary=f"Fund {row['month']:%Y-%m} with {Money(row['allocation_cents'], row['currency'])}",
            path=f"/v1/allocations/{shown}",
        )
