"""The flow `ach-return`: a debit that came back for lack of funds is sent again, on its day, as a debit of its own.

At most two more tries within 180 days of the original settlement, same amount, description RETRY PYMT (Nacha).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from db.flows.ach_new_entry import NewEntry, add_entry
from db.flows.base import FlowRow
from db.flows.without_money_step import WithoutMoneyStep
from db.queries import ach as entries
from db.queries import ach_return as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.ach import AchState
from domain.calendar import NEW_YORK, banking_day_on_or_after, next_banking_day, opening_of_business
from domain.errors import LimitExceeded, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.return_policy import in_time

FLOW = "ach-return"
RETRY_PYMT = "RETRY PYMT"
PAYEE = "payee"
"""Whose turn it is once nothing is sent again."""


class AchReturnSteps(WithoutMoneyStep):
    """A flow without a money step of its own: it makes a debit, which has one."""

    flow = FLOW
    commands: frozenset[str] = frozenset({"cancel"})

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The return's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The return's row."""
        return await queries.get(uow, flow_id)

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`cancel` a planned try; once the debit is made, the debit itself is cancelled or voided."""
        if row["reinitiation_state"] != "planned":
            raise StateConflict("nothing_planned", "There is no planned try to stop.")
        why = str(arguments.get("reason") or "stopped by an operator")
        await queries.change(uow, row["id"], name, reinitiation_state="canceled", reason=why, must_act=PAYEE)
        await _leave_to_payee(uow, await entries.get_transaction(uow, row["transaction_id"], lock=True))

    def run(self, row: FlowRow) -> WorkflowRun:
        """`ach-return/<id>`."""
        organization = row["organization_id"]
        shown = public_id("ret", row["id"])
        return WorkflowRun(
            workflow=FLOW,
            workflow_id=f"ach-return/{row['id']}",
            restart_id=f"ach-return/{row['id']}/{row['restarts'] + 1}",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": self.flow,
                "Subject": shown,
                "State": row["reinitiation_state"] or row["state"],
            },
            summary=f"Return {row['code']}",
            path=f"/v1/ach-returns/{shown}",
        )


async def reinitiate(uow: UnitOfWork, return_id: UUID) -> tuple[UUID | None, datetime | None]:
    """Make the planned debit if its day has come: (the new debit's id, None), or (None, when to look again).

    (None, None): nothing is planned any more. What forbids it now ends it, with the reason on the return.
    """
    row = await queries.get(uow, return_id, lock=True)
    if row["reinitiation_state"] != "planned":
        return row["reinitiation_id"], None
    now = await uow.business_now()
    due = opening_of_business(row["reinitiate_on"])
    if now < due:
        return None, due
    original = await entries.get_transaction(uow, row["transaction_id"], lock=True)
    first = await queries.first_entry(uow, original)
    today = now.astimezone(NEW_YORK).date()
    try:
        if original["ach_state"] != AchState.RETURNED:
            raise StateConflict("not_returned", f"The debit is {original['ach_state']} by now.")
        if not in_time(banking_day_on_or_after(today), queries.settled_on(first)):
            raise StateConflict("too_late", "It would settle after the 180th day.")
        made = await add_entry(uow, original["account_id"], _again(original))
    except LimitExceeded:
        tomorrow = next_banking_day(today)
        await queries.change(uow, return_id, "postponed", reinitiate_on=tomorrow, reason="the day's limit is used up")
        return None, opening_of_business(tomorrow)
    except StateConflict as conflict:
        given_up = {"reinitiation_state": "canceled", "reason": conflict.message, "must_act": PAYEE}
        await queries.change(uow, return_id, "not_sent_again", **given_up)
        await _leave_to_payee(uow, original)
        return None, None
    made_id: UUID = made["id"]
    await queries.change(uow, return_id, "sent_again", reinitiation_state="made", reinitiation_id=made_id)
    return made_id, None


async def _leave_to_payee(uow: UnitOfWork, original: FlowRow) -> None:
    """Nobody sends the debit again: what is owed is for the payer. Its row must be locked."""
    if original["ach_state"] == AchState.RETURNED:
        await entries.change_transaction(uow, original["id"], "not_sent_again", must_act=PAYEE)


def _again(original: FlowRow) -> NewEntry:
    """The same debit once more, as an entry of its own."""
    return NewEntry(
        "DEBIT",
        "debit",
        Money(original["amount"], original["currency"]),
        original["sec"],
        RETRY_PYMT,
        authorization_id=original["authorization_id"],
        authorization_basis=original["authorization_basis"],
        period_on=original["period_on"],
        retry_of=original["id"],
        retry_number=original["retry_number"] + 1,
        entry_description=RETRY_PYMT,
    )
