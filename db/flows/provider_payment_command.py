"""What may be asked of a provider payment: another try, another method, or to stop it."""

from typing import Any

from db.flows.base import FlowRow
from db.money_calls.unsent import nothing_handed_over
from db.money_calls.withdraw import withdraw_unsent
from db.queries import money_call as money_calls
from db.queries import provider
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.errors import StateConflict
from domain.money_call import MoneyCall
from domain.provider_payment import AGAIN, ENDED, NEXT_STEP, PaymentState, Step


async def call_of(uow: UnitOfWork, row: FlowRow, step: Step) -> MoneyCall | None:
    """The money call of the step's present try, if one was recorded."""
    return await money_calls.of_step(uow, queries.FLOW, row["id"], step, row[f"{step}_try"])


async def retry(uow: UnitOfWork, row: FlowRow) -> None:
    """Do the stopped step again, and only that one; a payout goes by the method the provider is paid by now."""
    state = PaymentState(row["state"])
    if state not in AGAIN:
        due = NEXT_STEP.get(state)
        if due and await nothing_handed_over(uow, queries.FLOW, row["id"], [(due, row[f"{due}_try"])]):
            return
        raise StateConflict("not_stopped", f"The payment is {state}: there is nothing to retry.")
    step, onward = AGAIN[state]
    tried = await call_of(uow, row, step) is not None
    values: dict[str, Any] = {"state": onward, "code": None, "message": None, "must_act": None}
    values[f"{step}_try"] = row[f"{step}_try"] + tried
    settings = await provider.payment_settings(uow, row["provider_id"])
    if step != "give_back" and settings is not None and settings["method"] is not None:
        values["method"] = settings["method"]
    await queries.change(uow, row["id"], "retried", **values)


async def switch_method(uow: UnitOfWork, row: FlowRow) -> None:
    """The provider is paid by another method now: a stopped payment goes on by it."""
    settings = await provider.payment_settings(uow, row["provider_id"])
    if settings is None or settings["method"] in (None, row["method"]):
        raise StateConflict("method_unchanged", f"The provider is still paid by {row['method']}.")
    if row["state"] == PaymentState.GIVING_BACK_STOPPED or PaymentState(row["state"]) not in AGAIN:
        raise StateConflict("not_stopped", f"The payment is {row['state']}: its method does not change now.")
    await retry(uow, row)


async def cancel(uow: UnitOfWork, row: FlowRow) -> None:
    """Stop it. Before money moved that is all; after the wallet step the money goes back to the family."""
    state = PaymentState(row["state"])
    if state in ENDED or state in (PaymentState.GIVING_BACK, PaymentState.GIVING_BACK_STOPPED):
        raise StateConflict("already_ended", f"The payment is {state}: it cannot be cancelled.")
    step: Step = "fund" if row["funded_at"] is None else "pay_out"
    if state is not PaymentState.RETURNED:
        await withdraw_unsent(uow, queries.FLOW, row["id"], step, row[f"{step}_try"])
    now = await uow.business_now()
    await queries.change_attempt(
        uow, row["id"], state="failed", code="cancelled", message="The payment was cancelled.", ended_at=now
    )
    if step == "fund":
        await queries.change(uow, row["id"], "cancelled", state=PaymentState.CANCELLED, ended_at=now, code="cancelled")
    else:
        values = {"state": PaymentState.GIVING_BACK, "code": "cancelled", "message": None, "must_act": None}
        await queries.change(uow, row["id"], "giving_back", **values)
