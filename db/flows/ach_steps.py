"""What debits, credits and voids share: one money step, and what the gateway's answer does to the entry's row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from db.flows.ach_run import run_of
from db.flows.base import FlowRow
from db.money_calls.unsent import nothing_handed_over
from db.money_calls.withdraw import withdraw_unsent
from db.queries import ach as queries
from db.queries.ach_family import lock_entry
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.ach import AchState
from domain.calendar import settlement_date
from domain.errors import BursarError, LimitExceeded, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, MoneyCall, NewMoneyCall, Outcome, Posting
from domain.server_post import batch_of, server_post

_OUR_OWN = ("not_found", "cancelled", "resolved")
"""Codes of outcomes that are no AUTH_RESP of the gateway."""


@dataclass(frozen=True, slots=True)
class AchTerms:
    """What the settings say: New York wall-clock times of the cut-offs, and whether refunds wait for settlement."""

    cut_off: time
    void_cut_off: time
    refund_before_settlement: bool


@dataclass(frozen=True, slots=True)
class ServerPost:
    """What a step posts: TRAN_TYPE, the token or earlier GUID it refers to, SEC where the entry has one, the hold."""

    operation: str
    token: str
    sec: str | None
    lines: tuple[LedgerLine, ...]


class AchEntrySteps:
    """Base of the entries' steps: a subclass names its flow and step and says what to post."""

    flow: str
    step: str
    commands: frozenset[str] = frozenset({"retry", "cancel"})

    def __init__(self, terms: AchTerms) -> None:
        self.terms = terms

    async def post(self, uow: UnitOfWork, row: FlowRow) -> ServerPost:
        """What to post now. Raises a BursarError when the entry may not go out (any more)."""
        raise NotImplementedError

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The entry's row, locked; its original before it, so that all who change a family wait in one line."""
        return await lock_entry(uow, flow_id)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The entry's row."""
        return await queries.get_transaction(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Another try is another entry; only a request that was made anew before it was sent raises the attempt."""
        del step
        return int(row["attempt"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """The Server Post under a new TRAN_NBR, and the hold of its money."""
        if row["ach_state"] != AchState.CREATED:
            raise StateConflict("entry_not_open", f"The entry is {row['ach_state']}.")
        post = await self.post(uow, row)
        merchant = await queries.get_merchant(uow, row["merchant_id"])
        money = Money(row["amount"], row["currency"])
        now = await uow.business_now()
        form = server_post(post.operation, money, merchant, now, token=post.token, sec=post.sec)
        reference = await queries.next_tran_nbr(uow)
        await queries.change_transaction(
            uow,
            row["id"],
            "submitting",
            ach_state=AchState.SUBMITTING,
            tran_nbr=reference,
            batch_id=form["BATCH_ID"],
        )
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="epx",
            operation=post.operation,
            rail_reference=reference,
            money=money,
            request=form,
            hold=Hold(self.flow.replace("-", "_"), post.lines, f"{self.flow} {public_id('achtx', row['id'])}"),
        )

    async def withdraw_late(self, uow: UnitOfWork, row: FlowRow) -> bool:
        """An entry that would not be recorded any more (its debit came back, its account is disabled) is not sent."""
        try:
            await self.post(uow, row)
        except (StateConflict, LimitExceeded) as refusal:
            must_act = "payee" if refusal.who_must_act == "payee" else "operator"
            await withdraw_entry(uow, row, refusal.code, refusal.message, must_act=must_act)
            return True
        return False

    async def renew(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall) -> bool:
        """A Server Post whose batch's day is over, or whose account got another token since, is made anew."""
        post = await self.post(uow, row)
        today = batch_of(await uow.business_now())
        if call.request["BATCH_ID"] == today and call.request["ORIG_AUTH_GUID"] == post.token:
            return False
        await withdraw_unsent(uow, self.flow, row["id"], call.step, call.ordinal)
        await queries.change_transaction(
            uow,
            row["id"],
            "renewed",
            ach_state=AchState.CREATED,
            attempt=row["attempt"] + 1,
            tran_nbr=None,
            batch_id=None,
        )
        return True

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """`accepted` means taken in by the gateway, not paid; it settles on a banking day to come."""
        del call
        now = await uow.business_now()
        taken = outcome.state == "applied"
        state = AchState.ACCEPTED if taken else AchState.DECLINED
        if not taken and outcome.code in ("not_found", "cancelled"):
            state = AchState.NOT_FOUND if outcome.code == "not_found" else AchState.CANCELED
        await queries.change_transaction(
            uow,
            row["id"],
            state.value,
            ach_state=state,
            auth_resp=None if outcome.code in _OUR_OWN else outcome.code,
            auth_resp_text=outcome.message,
            auth_guid=outcome.rail_id if taken else None,
            code=None if taken else outcome.code,
            message=None if taken else outcome.message,
            must_act=None if taken else outcome.must_act,
            processed_at=now,
            settles_on=settlement_date(now, self.terms.cut_off) if taken and row["type"] != "VOID" else None,
        )
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was sent: it certainly did not happen."""
        del step
        if row["ach_state"] == AchState.CREATED:
            await queries.change_transaction(
                uow,
                row["id"],
                "refused",
                ach_state=AchState.CANCELED,
                code=refusal.code,
                message=refusal.message,
                must_act="payee" if refusal.who_must_act == "payee" else "operator",
                processed_at=await uow.business_now(),
            )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`cancel`, and `retry` as a second look, work until the entry is handed to the gateway."""
        del arguments
        not_yet = row["ach_state"] in (AchState.CREATED, AchState.SUBMITTING)
        if name == "retry":
            tried = [(self.step, self.ordinal(row, self.step))]
            if not (not_yet and await nothing_handed_over(uow, self.flow, row["id"], tried)):
                raise StateConflict("not_stopped", f"The entry is {row['ach_state']}: there is nothing to retry.")
            return
        if not not_yet:
            raise StateConflict("already_submitted", f"The entry is {row['ach_state']}: it cannot be cancelled.")
        await withdraw_entry(uow, row, "cancelled", "Cancelled before it was sent.")

    def run(self, row: FlowRow) -> WorkflowRun:
        """`<flow>/<id>`."""
        return run_of(row)


async def withdraw_entry(
    uow: UnitOfWork, row: FlowRow, code: str, message: str, *, must_act: str | None = None
) -> None:
    """Take back an entry that was not handed over, saying why. Raises StateConflict once it may have been sent."""
    flow = queries.flow_of(row)
    await withdraw_unsent(uow, flow, row["id"], flow.removeprefix("ach-"), row["attempt"])
    await queries.change_transaction(
        uow,
        row["id"],
        "cancel",
        ach_state=AchState.CANCELED,
        code=code,
        message=message,
        must_act=must_act,
        processed_at=await uow.business_now(),
    )
