"""A notification of change arrives: validated, kept, and applied by its own flow, or put before a person."""

import json
from typing import Any
from uuid import UUID

from db.flows.ach_account_change import (
    FLOW,
    AchAccountChangeSteps,
    account_number,
    corrected_context,
    seal_account,
    seal_correction,
)
from db.flows.base import FlowRow
from db.queries import ach as accounts
from db.queries import ach_account_change as queries
from db.unit_of_work import UnitOfWork
from domain.calendar import NEW_YORK, add_banking_days
from domain.change_data import ChangeData, read_change
from domain.errors import InvalidInput
from domain.inbox import InboxEvent, Verdict
from domain.return_codes import ChangeCode, change_code
from domain.return_notice import ReturnNotice

APPLY_WITHIN_BANKING_DAYS = 6
"""Of receipt, or before the next entry, whichever is later (Nacha); here the next entry waits for it."""
_WRONG = "wrong_change"
_REVIEW = "notification_of_change"


async def change_notified(
    uow: UnitOfWork, event: InboxEvent, notice: ReturnNotice, account_id: UUID, transaction_id: UUID | None
) -> Verdict:
    """Store it with what is to become of it. The entry that it speaks of is not touched: it settled."""
    account = await accounts.get_account(uow, account_id, lock=True)
    if account["state"] in ("created", "prenoted"):
        return Verdict("wait", "the account has no token yet")
    rule, now = change_code(notice.code), await uow.business_now()
    row: dict[str, Any] = {
        "id": event.id,
        "account_id": account_id,
        "transaction_id": transaction_id,
        "code": notice.code,
        "corrected_fields": ",".join(rule.corrected_fields) or "unknown",
        "received_at": now,
        "due_on": add_banking_days(now.astimezone(NEW_YORK).date(), APPLY_WITHIN_BANKING_DAYS),
    }
    try:
        change = read_change(notice.code, notice.corrected_data) if rule.applied_automatically else None
    except InvalidInput as wrong:
        why = f"{wrong.message} Refuse it to the bank within 15 calendar days."
        await _put_before_a_person(uow, row, rule, "rejected", _WRONG, why)
        return Verdict("processed", "wrong")
    if change is None:
        await _put_before_a_person(uow, row, rule, "kept", _REVIEW, f"To do: {rule.action}.")
        return Verdict("processed", "for a person")
    if account["state"] != "stored":
        await queries.add(uow, {**row, "state": "kept", "message": f"the account is {account['state']}"})
        return Verdict("processed", "the account is not in use")
    await _apply(uow, row, account, change)
    return Verdict("processed")


async def _apply(uow: UnitOfWork, row: dict[str, Any], account: FlowRow, change: ChangeData) -> None:
    row["corrected_data"] = seal_correction(uow, row["id"], change)
    now = row["received_at"]
    if not change.needs_token:
        # the gateway has no field for it: the account's history is where it is kept
        old = seal_account(uow, row["id"], account)
        await queries.add(uow, {**row, "state": "applied", "applied_at": now, "old_data": old})
        return
    before = await queries.pending(uow, account["id"])
    if _is_so(uow, account, change) or any(_says_the_same(uow, row, other) for other in before):
        await queries.add(uow, {**row, "state": "repeated", "applied_at": now})
        return
    await queries.add(uow, {**row, "state": "pending"})
    if not before:
        await uow.start_workflow(AchAccountChangeSteps().run(await queries.get(uow, row["id"])))


def _is_so(uow: UnitOfWork, account: FlowRow, change: ChangeData) -> bool:
    """Whether the account is as the bank wants it: every entry that was under way is answered by a notification."""
    number = change.account_number
    return (
        change.routing_number in (None, account["routing_number"])
        and change.account_type in (None, account["account_type"])
        and (number is None or number.reveal() == account_number(uow, account))
    )


def _says_the_same(uow: UnitOfWork, row: dict[str, Any], other: FlowRow) -> bool:
    mine, theirs = (
        json.loads(uow.envelope.open(change["corrected_data"], context=corrected_context(change["id"])))
        for change in (row, other)
    )
    return bool(mine == theirs)


async def _put_before_a_person(
    uow: UnitOfWork, row: dict[str, Any], rule: ChangeCode, state: str, kind: str, why: str
) -> None:
    await queries.add(uow, {**row, "state": state, "message": why, "must_act": "operator"})
    await uow.open_case(
        kind,
        FLOW,
        row["id"],
        f"The receiving bank asks for a correction {rule.code} ({rule.title}). {why}",
        {"account_id": row["account_id"], "code": rule.code, "corrects": row["corrected_fields"]},
    )
