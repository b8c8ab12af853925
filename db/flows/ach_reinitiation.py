"""The flow `ach-return`: a debit that came back for lack of funds is sent again, on its day, as a debit of its own.

At most two more tries within 180 days of the original settlement, same amount, description RETRY PYMT (Nacha).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.flows.ach_debit import require_debitable, require_within_limits
from db.flows.ach_run import run_of
from db.flows.base import FlowRow
from db.queries import ach as entries
from db.queries import ach_return as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.ach import AchState
from domain.calendar import NEW_YORK, banking_day_on_or_after, next_banking_day, opening_of_business
from domain.errors import BursarError, LimitExceeded, StateConflict
from domain.ids import new_id, public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.return_policy import in_time

FLOW = "ach-return"
RETRY_PYMT = "RETRY PYMT"


class AchReturnSteps:
    """A flow without a money step of its own: it makes a debit, which has one."""

    flow = FLOW
    commands: frozenset[str] = frozenset({"cancel"})

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The return's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The return's row."""
        return await queries.get(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """There is no money step to count."""
        del row, step
        return 1

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """A return sends nothing: the debit that it starts does."""
        del uow, row
        raise StateConflict("no_such_step", f"A return has no money step {step}.")

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """Never called: there is no money step."""
        del uow, row, call, outcome
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Never called: there is no money step."""
        del uow, row, step, refusal

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`cancel` a planned try; once the debit is made, the debit itself is cancelled or voided."""
        if row["reinitiation_state"] != "planned":
            raise StateConflict("nothing_planned", "There is no planned try to stop.")
        why = str(arguments.get("reason") or "stopped by an operator")
        await queries.change(uow, row["id"], name, reinitiation_state="canceled", reason=why)

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
    settled = first["settled_at"].astimezone(NEW_YORK).date() if first["settled_at"] else first["settles_on"]
    # merchant before account, as whoever asks for a debit takes them
    merchant = await entries.get_merchant(uow, original["merchant_id"], lock=True)
    account = await entries.get_account(uow, original["account_id"], lock=True)
    try:
        if original["ach_state"] != AchState.RETURNED:
            raise StateConflict("not_returned", f"The debit is {original['ach_state']} by now.")
        if not in_time(banking_day_on_or_after(today), settled or first["business_date"]):
            raise StateConflict("too_late", "It would settle after the 180th day.")
        require_debitable(account)
        await require_within_limits(uow, merchant, Money(original["amount"], original["currency"]), today)
    except LimitExceeded:
        tomorrow = next_banking_day(today)
        await queries.change(uow, return_id, "postponed", reinitiate_on=tomorrow, reason="the day's limit is used up")
        return None, opening_of_business(tomorrow)
    except StateConflict as conflict:
        await queries.change(uow, return_id, "not_sent_again", reinitiation_state="canceled", reason=conflict.message)
        return None, None
    return await _debit_again(uow, row, original, today), None


async def _debit_again(uow: UnitOfWork, row: FlowRow, original: FlowRow, today: date) -> UUID:
    copied = ("merchant_id", "customer_id", "account_id", "amount", "currency", "sec", "authorization_id", "period_on")
    debit_id = new_id()
    await entries.add_transaction(
        uow,
        {
            **{name: original[name] for name in (*copied, "authorization_basis")},
            "id": debit_id,
            "type": "DEBIT",
            "direction": "debit",
            "description": RETRY_PYMT,
            "entry_description": RETRY_PYMT,
            "ach_state": AchState.CREATED,
            "business_date": today,
            "retry_of": original["id"],
            "retry_number": original["retry_number"] + 1,
        },
    )
    made = {"amount": original["amount"], "retry_of": original["id"], "retry_number": original["retry_number"] + 1}
    await uow.audit("ach_debit.created", "ach-debit", debit_id, made)
    await uow.tell("ach_debit.created", "ach-debit", debit_id, made)
    await queries.change(uow, row["id"], "sent_again", reinitiation_state="made", reinitiation_id=debit_id)
    await uow.start_workflow(run_of(await entries.get_transaction(uow, debit_id)))
    return debit_id
