"""The flow `onboarding`: find or make a person's Chek user, then invite it to direct pay or make it a card.

Its money calls move no money; they are money calls because Chek must not be asked twice (docs/decisions/0011).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.flows import chek_user
from db.flows.base import FlowRow, FlowSteps
from db.money_calls.unsent import nothing_handed_over
from db.money_calls.withdraw import withdraw_unsent
from db.queries import family, program, provider
from db.queries import money_call as money_calls
from db.queries import onboarding as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.chek_wallet import person_claim
from domain.childcare_limits import CURRENCY
from domain.errors import BursarError, StateConflict
from domain.ids import new_id, public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.onboarding import CREATE_CARD, CREATE_USER, ENDED, OnboardingState, step_of, try_column


def person_context(onboarding_id: object) -> str:
    """What an onboarding's sealed person is bound to."""
    return f"onboarding/{onboarding_id}/person"


class OnboardingSteps:
    """What each step records, and what Chek's answers do to the person's settings."""

    flow = queries.FLOW
    commands: frozenset[str] = frozenset({"retry", "cancel"})

    def __init__(self, allocations: FlowSteps, payments: FlowSteps) -> None:
        """The flows that wait for a wallet or a method."""
        self._allocations = allocations
        self._payments = payments

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The onboarding's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The onboarding's row."""
        return await queries.get(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Finding the user has a count of its own."""
        return int(row[try_column(step)])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """Ask for what is not there. A wallet that somebody registered meanwhile is not made again."""
        user = await wallet_of(uow, row)
        if OnboardingState(row["state"]) in ENDED or step_of(row, has_wallet=user is not None) != step:
            raise StateConflict("onboarding_not_open", f"The onboarding is {row['state']}: {step} is not due.")
        claims: tuple[str, ...] = ()
        if step == CREATE_USER:
            request: dict[str, Any] = json.loads(uow.envelope.open(row["person"], person_context(row["id"])))
            claims = (person_claim(row["fingerprint"].hex()),)
        else:
            request = {"user": user}
        if step == CREATE_CARD:
            request["program"] = (await program.get(uow, row["program_id"]))["chek_program_id"]
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="chek",
            operation=step,
            rail_reference=f"bursar-{new_id().hex}",
            money=Money.zero(CURRENCY),
            request=request,
            wallets=claims,
        )

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """The user's wallet is the person's now, or the method is set up; a refusal stops it, with the reason."""
        if outcome.state == "refused":
            await self._stop(uow, row, outcome.code, outcome.message, outcome.must_act)
        elif call.step != CREATE_USER:
            await self._set_up(uow, row)
        elif outcome.rail_id is None:
            await self._stop(uow, row, "chek_user_unnamed", "Register the Chek user's wallet, then retry.", "operator")
        else:
            await self._known(uow, row, outcome.rail_id)
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was recorded: what is known by now may be all that was wanted."""
        if OnboardingState(row["state"]) in ENDED:
            return
        user = await wallet_of(uow, row)
        if step == CREATE_USER and user is not None:
            await self._known(uow, row, user)
        else:
            await self._stop(uow, row, refusal.code, refusal.message, "operator")

    async def _known(self, uow: UnitOfWork, row: FlowRow, user: str) -> None:
        try:
            async with uow.savepoint():
                if row["family_id"] is not None:
                    await chek_user.set_family_wallet(uow, self._allocations, row["family_id"], user)
                else:
                    await chek_user.set_provider_wallet(uow, row["provider_id"], user)
        except StateConflict as taken:
            # the answer is booked all the same: whose the user is, a person must find out
            await self._stop(uow, row, taken.code, taken.message, "operator")
            return
        if row["method"] is None:
            await self._end(uow, row, OnboardingState.ONBOARDED)
        else:
            values: dict[str, Any] = {"code": None, "message": None, "must_act": None, "person": None}
            await queries.change(uow, row["id"], "user_known", state=OnboardingState.KNOWN, **values)

    async def _set_up(self, uow: UnitOfWork, row: FlowRow) -> None:
        """A provider without a method is paid by this one; Chek is asked how the bank account or card stands."""
        settings = await provider.payment_settings(uow, row["provider_id"])
        if settings is not None and settings["method"] is None:
            await chek_user.choose_method(uow, self._payments, row["provider_id"], row["method"])
        await uow.start_workflow(chek_user.refresh_run(row["organization_id"], row["provider_id"]))
        await self._end(uow, row, OnboardingState.ONBOARDED)

    @staticmethod
    async def _end(uow: UnitOfWork, row: FlowRow, state: OnboardingState) -> None:
        now = await uow.business_now()
        values: dict[str, Any] = {"code": None, "message": None, "must_act": None, "person": None}
        await queries.change(uow, row["id"], state.value, state=state, ended_at=now, **values)

    @staticmethod
    async def _stop(uow: UnitOfWork, row: FlowRow, code: str, message: str, must_act: str) -> None:
        values = {"state": OnboardingState.STOPPED, "code": code, "message": message, "must_act": must_act}
        await queries.change(uow, row["id"], "stopped", **values)

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry` what stopped; `cancel` what was not handed over. What Chek has made by then stays."""
        del arguments
        if OnboardingState(row["state"]) in ENDED:
            raise StateConflict("already_ended", f"The onboarding is {row['state']}.")
        user = await wallet_of(uow, row)
        step = step_of(row, has_wallet=user is not None)
        if name == "cancel":
            if step is not None and row["state"] != OnboardingState.STOPPED:
                await withdraw_unsent(uow, queries.FLOW, row["id"], step, self.ordinal(row, step))
            await self._end(uow, row, OnboardingState.CANCELLED)
        elif row["state"] != OnboardingState.STOPPED:
            if step is not None and not await nothing_handed_over(
                uow, queries.FLOW, row["id"], [(step, self.ordinal(row, step))]
            ):
                raise StateConflict("not_stopped", f"The onboarding is {row['state']}: there is nothing to retry.")
        elif user is not None and row["person"] is not None:
            await self._known(uow, row, user)  # the user was made, and its wallet registered by hand
        else:
            await self._again(uow, row, step or CREATE_USER)

    async def _again(self, uow: UnitOfWork, row: FlowRow, step: str) -> None:
        call = await money_calls.of_step(uow, queries.FLOW, row["id"], step, self.ordinal(row, step))
        if call is not None and call.state == "applied":
            raise StateConflict("chek_user_unnamed", "Register the Chek user's wallet first.", field="chek_user_id")
        state = OnboardingState.SUBMITTED if step == CREATE_USER else OnboardingState.KNOWN
        values: dict[str, Any] = {"code": None, "message": None, "must_act": None}
        values[try_column(step)] = self.ordinal(row, step) + (call is not None)
        await queries.change(uow, row["id"], "retried", state=state, **values)

    def run(self, row: FlowRow) -> WorkflowRun:
        """`onboarding/<id>`."""
        organization = row["organization_id"]
        shown = public_id("onb", row["id"])
        of_family = row["family_id"] is not None
        person = public_id("fam", row["family_id"]) if of_family else public_id("prov", row["provider_id"])
        return WorkflowRun(
            workflow=queries.FLOW,
            workflow_id=f"{queries.FLOW}/{row['id']}",
            restart_id=f"{queries.FLOW}/{row['id']}/again",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": queries.FLOW,
                "Subject": shown,
                "Payee": person,
                "State": row["state"],
            },
            summary=f"Make a {'family' if of_family else 'provider'} known at Chek",
            path=f"/v1/onboardings/{shown}",
        )


async def wallet_of(uow: UnitOfWork, row: FlowRow) -> str | None:
    """The person's Chek user, None before it is known."""
    return (await wallets_of(uow, [row])).get(row["id"])


async def wallets_of(uow: UnitOfWork, rows: Sequence[FlowRow]) -> dict[UUID, str]:
    """The Chek users of these onboardings' persons, by the onboarding; those not known yet are left out."""
    families = [row["family_id"] for row in rows if row["family_id"] is not None]
    providers = [row["provider_id"] for row in rows if row["provider_id"] is not None]
    users = await family.chek_users_of(uow, families) if families else {}
    if providers:
        settings = await provider.payment_settings_of(uow, providers)
        users |= {provider_id: each["chek_user_id"] for provider_id, each in settings.items()}
    found = {row["id"]: users.get(row["family_id"] or row["provider_id"]) for row in rows}
    return {onboarding_id: user for onboarding_id, user in found.items() if user is not None}
