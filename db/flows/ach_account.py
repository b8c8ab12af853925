"""The flow `ach-account`: prenote, then storage token, then verification by clean banking days."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from db.flows.ach_debit import token_context
from db.flows.base import FlowRow
from db.money_calls.unsent import nothing_handed_over
from db.money_calls.withdraw import withdraw_unsent
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.calendar import opening_of_business, prenote_live_date, settlement_date
from domain.errors import BursarError, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.server_post import server_post, tran_type

PRENOTE, STORE = "prenote", "store"
_NEXT_STEP = {"created": PRENOTE, "prenoted": STORE}


def number_context(account_id: object) -> str:
    """What an account's encrypted number is bound to."""
    return f"ach_account/{account_id}/account_number"


def holder_context(account_id: object) -> str:
    """What an account's encrypted holder is bound to."""
    return f"ach_account/{account_id}/holder"


def prenote_context(account_id: object) -> str:
    """What an account's encrypted prenote GUID is bound to."""
    return f"ach_account/{account_id}/prenote_guid"


def is_over(row: FlowRow) -> bool:
    """Whether the account's workflow has nothing left to do, and nothing to wait for."""
    if row["state"] == "stored":
        return row["verification_state"] != "submitted" or row["verifies_at"] is None
    return row["state"] in ("failed", "cancelled")


class AchAccountSteps:
    """What storing an account records, and what the gateway's answers do to the account."""

    flow = "ach-account"
    commands: frozenset[str] = frozenset({"retry", "cancel"})

    def __init__(self, *, cut_off: time) -> None:
        self._cut_off = cut_off

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The account's row, locked."""
        return await queries.get_account(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The account's row."""
        return await queries.get_account(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Each step has its own count: storing again needs no second prenote."""
        return int(row["prenote_attempt" if step == PRENOTE else "store_attempt"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """A prenote of the keyed account, or a storage request that refers to the prenote. Neither moves money."""
        if row["state"] in ("failed", "cancelled"):
            raise StateConflict("account_not_open", f"Storing the account is {row['state']}.")
        merchant = await queries.get_merchant(uow, row["merchant_id"])
        zero = Money.zero("USD")
        now = await uow.business_now()
        if step == PRENOTE:
            operation = tran_type(row["account_type"], f"prenote_{row['prenote_direction']}")
            form = server_post(operation, zero, merchant, now, account=self._account(uow, row), sec=row["sec"])
        else:
            operation = tran_type(row["account_type"], "store")
            guid = uow.envelope.open(row["prenote_guid"], context=prenote_context(row["id"])).decode()
            form = server_post(operation, zero, merchant, now, token=guid)
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="epx",
            operation=operation,
            rail_reference=await queries.next_tran_nbr(uow),
            money=zero,
            request=form,
        )

    @staticmethod
    def _account(uow: UnitOfWork, row: FlowRow) -> dict[str, str]:
        number = uow.envelope.open(row["account_number"], context=number_context(row["id"])).decode()
        holder = json.loads(uow.envelope.open(row["holder"], context=holder_context(row["id"])))
        return {"ACCOUNT_NBR": number, "ROUTING_NBR": row["routing_number"], **holder}

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """00 says only that the gateway took the prenote; what the bank says comes as a return, or not at all."""
        if outcome.state == "refused":
            await queries.change_account(
                uow,
                row["id"],
                "failed",
                state="cancelled" if outcome.code == "cancelled" else "failed",
                code=outcome.code,
                message=outcome.message,
                must_act=outcome.must_act,
                is_active=False,
            )
            return ()
        guid = (outcome.rail_id or "").encode()
        if call.step == PRENOTE:
            settles_on = settlement_date(await uow.business_now(), self._cut_off)
            await queries.change_account(
                uow,
                row["id"],
                "prenoted",
                state="prenoted",
                verification_state="submitted",
                prenote_guid=uow.envelope.seal(guid, context=prenote_context(row["id"])),
                prenote_settles_on=settles_on,
            )
            return ()
        policy = row["verification_policy"]
        await queries.change_account(
            uow,
            row["id"],
            "stored",
            state="stored",
            storage_bric=uow.envelope.seal(guid, context=token_context(row["id"])),
            verification_state="verified" if policy == "gateway_accept" else row["verification_state"],
            verifies_at=self._verifies_at(row) if policy == "prenote_wait" else None,
        )
        return ()

    @staticmethod
    def _verifies_at(row: FlowRow) -> datetime:
        """The opening of the 3rd banking day after the prenote's settlement (Nacha: first date for a live entry)."""
        return opening_of_business(prenote_live_date(row["prenote_settles_on"]))

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Nothing was sent for this step."""
        if row["state"] in ("created", "prenoted"):
            await queries.change_account(
                uow,
                row["id"],
                "failed",
                state="failed",
                code=refusal.code,
                message=f"{step}: {refusal.message}",
                must_act="operator",
                is_active=False,
            )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry` a failed storing (never a second prenote where the first was taken); `cancel` one not yet sent.

        `retry` is also a second look, where the run was terminated before its next step.
        """
        del arguments
        if name == "cancel":
            if row["state"] != "created":
                raise StateConflict("already_submitted", f"The account is {row['state']}: it cannot be cancelled.")
            await withdraw_unsent(uow, self.flow, row["id"], PRENOTE, self.ordinal(row, PRENOTE))
            await queries.change_account(uow, row["id"], "cancelled", state="cancelled", is_active=False)
            return
        if await self._only_looked_at_again(uow, row):
            return
        if row["state"] != "failed" or row["verification_state"] in ("failed", "revoked"):
            raise StateConflict("not_retryable", f"The account is {row['state']}: there is nothing to try again.")
        twin = await queries.live_account(uow, row["merchant_id"], row["customer_id"], row["fingerprint"])
        if twin is not None:
            raise StateConflict("stored_already", "The same account was stored meanwhile.")
        step = "prenote_attempt" if row["prenote_guid"] is None else "store_attempt"
        await queries.change_account(
            uow,
            row["id"],
            "retried",
            state="created" if row["prenote_guid"] is None else "prenoted",
            is_active=True,
            code=None,
            message=None,
            must_act=None,
            **{step: row[step] + 1},
        )

    async def _only_looked_at_again(self, uow: UnitOfWork, row: FlowRow) -> bool:
        """Nothing of the next step was handed over yet, or none is left and the account waits for its verification."""
        if row["state"] == "stored":
            return bool(row["verification_state"] == "submitted")
        step = _NEXT_STEP.get(row["state"])
        return step is not None and await nothing_handed_over(
            uow, self.flow, row["id"], [(step, self.ordinal(row, step))]
        )

    def run(self, row: FlowRow) -> WorkflowRun:
        """`ach-account/<id>`."""
        organization = row["organization_id"]
        shown = public_id("acct", row["id"])
        tries = row["prenote_attempt"] + row["store_attempt"]
        return WorkflowRun(
            workflow="ach-account",
            workflow_id=f"ach-account/{row['id']}",
            restart_id=f"ach-account/{row['id']}/{tries}",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": self.flow,
                "Subject": shown,
                "Payee": row["customer_id"],
                "State": row["state"],
            },
            summary="Store an ACH account",
            path=f"/v1/ach-accounts/{shown}",
        )
