"""The flow `ach-account-change`: store a corrected account as a new token before the next debit; the old one retires.

A notification of change never fails a payment: the entry that it speaks of settled. What cannot be right, and what only
a person can apply, becomes a case, and the account goes on as it was.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.flows.ach_account import holder_context, number_context
from db.flows.ach_debit import token_context
from db.flows.ach_run import run_of
from db.flows.base import FlowRow
from db.money_calls.unsent import nothing_handed_over
from db.queries import ach as accounts
from db.queries import ach_account_change as queries
from db.queries.ach_waiting import waiting_entries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.bank_account import AccountNumber
from domain.change_data import ChangeData
from domain.errors import BursarError, CorrectionPending, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.server_post import server_post, tran_type

FLOW, STORE = "ach-account-change", "store"


def corrected_context(change_id: object) -> str:
    """What a correction's sealed data is bound to."""
    return f"ach_account_change/{change_id}/corrected_data"


def old_context(change_id: object) -> str:
    """What the account's sealed former data is bound to."""
    return f"ach_account_change/{change_id}/old_data"


def seal_correction(uow: UnitOfWork, change_id: UUID, change: ChangeData) -> bytes:
    """The corrected fields as they are kept."""
    number = change.account_number
    fields = {
        "routing_number": change.routing_number,
        "account_number": None if number is None else number.reveal(),
        "account_type": change.account_type,
        "text": change.text,
    }
    return uow.envelope.seal(json.dumps(fields).encode(), context=corrected_context(change_id))


def seal_account(uow: UnitOfWork, change_id: UUID, account: FlowRow) -> bytes:
    """The account as it was, its token included."""
    token = account["storage_bric"]
    kept = {
        "routing_number": account["routing_number"],
        "account_number": account_number(uow, account),
        "account_type": account["account_type"],
        "token": token and uow.envelope.open(token, context=token_context(account["id"])).decode(),
    }
    return uow.envelope.seal(json.dumps(kept).encode(), context=old_context(change_id))


def account_number(uow: UnitOfWork, account: FlowRow) -> str:
    """The account's number, opened."""
    return uow.envelope.open(account["account_number"], context=number_context(account["id"])).decode()


class AchAccountChangeSteps:
    """One money step that moves nothing: CKC8 or CKS8 with the corrected account."""

    flow = FLOW
    commands: frozenset[str] = frozenset({"retry"})

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The correction's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The correction's row."""
        return await queries.get(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Which try of the storing."""
        del step
        return int(row["store_attempt"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """Store the account as it will be. Corrections of one account are applied one after the other."""
        if row["state"] != "pending":
            raise StateConflict("change_not_pending", f"The correction is {row['state']}.")
        if (await queries.pending(uow, row["account_id"]))[0]["id"] != row["id"]:
            raise CorrectionPending
        account = await accounts.get_account(uow, row["account_id"], lock=True)
        kind, routing, number = self._corrected(uow, row, account)
        fingerprint = _fingerprint(uow, kind, routing, number)
        twin = await accounts.live_account(uow, account["merchant_id"], account["customer_id"], fingerprint)
        if twin is not None and twin["id"] != account["id"]:
            shown = public_id("acct", twin["id"])
            raise StateConflict("stored_already", f"The corrected account is stored already, as {shown}.")
        merchant = await accounts.get_merchant(uow, account["merchant_id"])
        holder = json.loads(uow.envelope.open(account["holder"], context=holder_context(account["id"])))
        zero, operation = Money.zero("USD"), tran_type(kind, "store")
        keyed = {"ACCOUNT_NBR": number, "ROUTING_NBR": routing, **holder}
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="epx",
            operation=operation,
            rail_reference=await accounts.next_tran_nbr(uow),
            money=zero,
            request=server_post(operation, zero, merchant, await uow.business_now(), account=keyed, sec=account["sec"]),
        )

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """The new token takes the old one's place, or the account stays as it was and a person sees why."""
        del call
        if outcome.state == "refused":
            await self._failed(uow, row, f"{outcome.code}: {outcome.message}")
            return ()
        account = await accounts.get_account(uow, row["account_id"], lock=True)
        kind, routing, number = self._corrected(uow, row, account)
        account_id, token = account["id"], (outcome.rail_id or "").encode()
        await queries.change(
            uow,
            row["id"],
            "applied",
            state="applied",
            applied_at=await uow.business_now(),
            old_data=seal_account(uow, row["id"], account),
            message=None,
            must_act=None,
        )
        await accounts.change_account(
            uow,
            account_id,
            "corrected",
            account_type=kind,
            routing_number=routing,
            account_number=uow.envelope.seal(number.encode(), context=number_context(account_id)),
            last_four=AccountNumber(number).last_four,
            fingerprint=_fingerprint(uow, kind, routing, number),
            storage_bric=uow.envelope.seal(token, context=token_context(account_id)),
        )
        await self._go_on(uow, row)
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Nothing was sent."""
        del step
        if row["state"] == "pending":
            await self._failed(uow, row, refusal.message)

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry` a correction that could not be stored; a second look where its run was terminated before the send."""
        del arguments
        tries = [(STORE, self.ordinal(row, STORE))]
        if row["state"] == "pending" and await nothing_handed_over(uow, FLOW, row["id"], tries):
            return
        if row["state"] != "failed":
            raise StateConflict("not_retryable", f"The correction is {row['state']}.")
        attempt = row["store_attempt"] + 1
        await queries.change(uow, row["id"], name, state="pending", store_attempt=attempt, message=None, must_act=None)

    def run(self, row: FlowRow) -> WorkflowRun:
        """`ach-account-change/<id>`."""
        organization = row["organization_id"]
        shown = public_id("chg", row["id"])
        return WorkflowRun(
            workflow=FLOW,
            workflow_id=f"{FLOW}/{row['id']}",
            restart_id=f"{FLOW}/{row['id']}/{row['store_attempt']}",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": FLOW,
                "Subject": shown,
                "State": row["state"],
            },
            summary=f"Apply {row['code']} to a stored account",
            path=f"/v1/ach-account-changes/{shown}",
        )

    async def _failed(self, uow: UnitOfWork, row: FlowRow, why: str) -> None:
        await queries.change(uow, row["id"], "failed", state="failed", message=why, must_act="operator")
        await uow.open_case(
            "change_not_applied",
            FLOW,
            row["id"],
            f"The correction {row['code']} could not be stored; the account goes on as it was. {why}",
            {"account_id": row["account_id"], "code": row["code"], "due_on": row["due_on"]},
        )
        await self._go_on(uow, row)

    async def _go_on(self, uow: UnitOfWork, row: FlowRow) -> None:
        """The account's next correction has its turn; without one, entries that waited go on."""
        left = [change for change in await queries.pending(uow, row["account_id"]) if change["id"] != row["id"]]
        if left:
            await uow.start_workflow(self.run(left[0]))
            await uow.wake_workflow(self.run(left[0]))
            return
        for entry in await waiting_entries(uow, row["account_id"]):
            await uow.wake_workflow(run_of(entry))

    @staticmethod
    def _corrected(uow: UnitOfWork, row: FlowRow, account: FlowRow) -> tuple[str, str, str]:
        """Type, routing number and account number as they will be."""
        fields = json.loads(uow.envelope.open(row["corrected_data"], context=corrected_context(row["id"])))
        return (
            fields["account_type"] or account["account_type"],
            fields["routing_number"] or account["routing_number"],
            fields["account_number"] or account_number(uow, account),
        )


def _fingerprint(uow: UnitOfWork, kind: str, routing: str, number: str) -> bytes:
    return uow.fingerprint.of("ach_account", kind, routing, number)
