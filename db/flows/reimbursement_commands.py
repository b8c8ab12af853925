"""What an operator may ask of a reimbursement, each checked against its rows under the report's lock."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.reimbursement_calls import ordinal_of
from db.flows.reimbursement_help import UNSTUCK
from db.flows.reimbursement_outcome import apply_outcome
from db.flows.reimbursement_row import funding_steps, reversal_steps
from db.money_calls.unsent import nothing_handed_over
from db.queries import money_call as money_calls
from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries import reimbursement_policy as policies
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.money_call import OPEN_STATES, MoneyCall, Outcome
from domain.payout import HELP_NEEDED, FundingState, PayoutState, require_cancellable, require_reversible
from domain.payout_method import METHODS
from domain.reimbursement_step import REVERSALS, StepKind, parse_step, step_name, stop_step
from domain.report import ReportEvent, ReportState, advance
from domain.report_policy import require_not_frozen

_NOT_HANDED_OVER = (None, "recorded", "refused")
_CANCELLED = Outcome("refused", "cancelled", "Cancelled before it was sent.")


async def retry(uow: UnitOfWork, row: FlowRow, _arguments: Mapping[str, Any]) -> None:
    """Try again what was refused or came back, by the same method."""
    holding = row["holding"]
    if holding is not None and holding["state"] == PayoutState.REVERSING and holding["must_act"] is not None:
        await _again(uow, row, reversal_steps(row))
        await payouts.change_holding(uow, holding, "retried", **UNSTUCK)
        return
    if holding is None or holding["state"] not in HELP_NEEDED:
        due = await _steps_due(uow, row)
        if due and await nothing_handed_over(
            uow, reports.FLOW, row["id"], [(step, ordinal_of(row, step)) for step in due]
        ):
            return
        state = row["state"] if holding is None else holding["state"]
        raise StateConflict("not_retryable", f"The payout is {state}: there is nothing to try again.")
    require_not_frozen(await policies.held(uow))
    unfunded = funding_steps(row, FundingState.PENDING)
    if unfunded:
        await _again(uow, row, unfunded)
        await _go_on(uow, holding, "retried", PayoutState.FUNDING)
    else:
        await _pay_again(uow, row, "retried", holding["method_id"])


async def method_changed(uow: UnitOfWork, row: FlowRow, arguments: Mapping[str, Any]) -> None:
    """Pay this payout by another of the payee's methods; no other payout moves with it."""
    holding = row["holding"]
    given = arguments.get("method_id")
    if given is None:
        raise InvalidInput("method_id", "Name the payout method.")
    if holding is None or holding["state"] not in HELP_NEEDED or funding_steps(row, FundingState.PENDING):
        state = row["state"] if holding is None else holding["state"]
        raise StateConflict("not_waiting_for_method", f"The payout is {state}: its method cannot be changed now.")
    require_not_frozen(await policies.held(uow))
    method = await payees.get_method(uow, UUID(str(given)))
    if method["payee_id"] != row["payee_id"] or method["archived_at"] is not None:
        raise InvalidInput("method_id", "The payout method is not one of the payee's present methods.")
    await _pay_again(uow, row, "method_changed", method["id"])


async def cancel(uow: UnitOfWork, row: FlowRow, _arguments: Mapping[str, Any]) -> None:
    """Stop before the transfer to the payee is handed over. What is booked goes back to the organization.

    What was recorded and not sent is never sent; what was refused was not handed over. Of a wire its owner says so.
    """
    require_cancellable(row, row["holding"], handed_over=await _handed_over(uow, row))
    holding = row["holding"]
    if holding is None:
        now = await uow.business_now()
        state = advance(row["state"], ReportEvent.CANCEL)
        await reports.change(uow, row["id"], "cancelled", state=state, ended_at=now)
        if row["state"] == ReportState.APPROVED:
            await uow.ledger.void_hold(
                row["reservation_id"], f"{reports.FLOW}/{row['id']}/reservation/void", now.date()
            )
        return
    await reports.change(uow, row["id"], "cancel_asked", ending="cancelled")
    await payouts.change_holding(uow, holding, "reversing", state=PayoutState.REVERSING, **UNSTUCK)
    today = (await uow.business_now()).date()
    stopped = {**row, "holding": {**holding, "state": PayoutState.REVERSING}}
    for step in (*funding_steps(row, FundingState.PENDING), step_name(StepKind.PAYOUT)):
        call = await _call_at(uow, row, step)
        if call is not None and call.state == "recorded":
            await apply_outcome(uow, stopped, call, _CANCELLED)
            await uow.money_calls.settle(call, _CANCELLED, by="cancel", effective_date=today)


async def _handed_over(uow: UnitOfWork, row: FlowRow) -> bool:
    """Whether the payee may have been paid. What is not sent yet stays locked, so that nobody sends it meanwhile."""
    handed_over = False
    for attempt in await payouts.attempts_of(uow, [row["id"]]):
        state = attempt["call_state"]
        if state == "recorded":
            call = await money_calls.get(uow, attempt["money_call_id"], lock=True)
            state = None if call is None else call.state
        if state not in _NOT_HANDED_OVER:
            if state in OPEN_STATES and METHODS[attempt["kind"]].by_hand:
                raise StateConflict(*METHODS[attempt["kind"]].not_ended_badly)
            handed_over = True
    return handed_over


async def reverse(uow: UnitOfWork, row: FlowRow, _arguments: Mapping[str, Any]) -> None:
    """Give the money back to the organization; the report is never paid after that."""
    attempts = await payouts.attempts_of(uow, [row["id"]])
    ended = [(METHODS[a["kind"]], a["call_state"] == "refused" or a["returned_at"] is not None) for a in attempts]
    require_reversible(row, row["holding"], row["expense_payouts"].values(), ended)
    await reports.change(uow, row["id"], "reverse_asked", ending="reversed")
    await payouts.change_holding(uow, row["holding"], "reversing", state=PayoutState.REVERSING, **UNSTUCK)


async def stop(uow: UnitOfWork, row: FlowRow, arguments: Mapping[str, Any]) -> None:
    """Ask the bank to stop what was handed over and is not paid (a check); what is paid meanwhile stays paid."""
    holding, attempt = row["holding"], row["attempt"]
    call = None if attempt is None else await _call_at(uow, row, step_name(StepKind.PAYOUT))
    can_stop = attempt is not None and METHODS[attempt["kind"]].stop_operation is not None
    if not can_stop or call is None or call.state != "applied" or call.returned_at is not None or attempt["paid_at"]:
        state = row["state"] if holding is None else holding["state"]
        raise StateConflict("nothing_to_stop", f"The payout is {state}: nothing of it can be stopped.")
    if await stop_due(uow, row) is not None:
        raise StateConflict("stop_under_way", "The bank is being asked to stop it.", retry="later")
    reason = str(arguments.get("reason") or "Asked by an operator")[:100]
    await payouts.change_attempt(uow, row["id"], attempt, "stop_asked", stops=attempt["stops"] + 1, stop_reason=reason)


async def stop_due(uow: UnitOfWork, row: FlowRow) -> str | None:
    """The money step that stops the present attempt, while it was asked for and has no outcome."""
    attempt = row["attempt"]
    if attempt is None or not attempt["stops"]:
        return None
    step = stop_step(attempt["ordinal"])
    call = await _call_at(uow, row, step)
    return step if call is None or call.state in OPEN_STATES else None


COMMANDS: Mapping[str, Callable[[UnitOfWork, FlowRow, Mapping[str, Any]], Awaitable[None]]] = {
    "retry": retry,
    "cancel": cancel,
    "reverse": reverse,
    "method_changed": method_changed,
    "stop": stop,
}


async def _steps_due(uow: UnitOfWork, row: FlowRow) -> list[str]:
    """The money steps that a payout under way has still to do."""
    holding = row["holding"]
    state = None if holding is None else holding["state"]
    if state == PayoutState.FUNDING:
        return funding_steps(row, FundingState.PENDING)
    if state == PayoutState.REVERSING:
        return reversal_steps(row)
    if state == PayoutState.SENDING:
        return [step_name(StepKind.PAYOUT)]
    stop_asked = await stop_due(uow, row) if state == PayoutState.SENT else None
    return [] if stop_asked is None else [stop_asked]


async def _again(uow: UnitOfWork, row: FlowRow, steps: list[str]) -> None:
    """Raise the ordinal of each of these steps whose present try was refused."""
    for step in steps:
        call = await _call_at(uow, row, step)
        if call is None or call.state != "refused":
            continue
        kind, payout_id = parse_step(step)
        column = "reverse_ordinal" if kind in REVERSALS else "ordinal"
        raised = {column: call.ordinal + 1}
        if payout_id is None:
            await payouts.change_holding(uow, row["holding"], "holding_retried", **raised)
        else:
            await payouts.change_expense_payout(uow, row["expense_payouts"][payout_id], "retried", **raised)


async def _pay_again(uow: UnitOfWork, row: FlowRow, action: str, method_id: UUID) -> None:
    """A new attempt, unless the present one was never recorded. What may still be paid must be ended first."""
    holding = row["holding"]
    call = await _call_at(uow, row, step_name(StepKind.PAYOUT))
    if call is not None and call.state != "refused" and call.returned_at is None:
        raise StateConflict(*METHODS[row["attempt"]["kind"]].not_ended_badly)
    attempt = holding["attempt"] if call is None else call.ordinal + 1
    await _go_on(uow, holding, action, PayoutState.SENDING, method_id=method_id, attempt=attempt)


async def _go_on(uow: UnitOfWork, holding: Mapping[Any, Any], action: str, state: PayoutState, **values: Any) -> None:
    await payouts.change_holding(uow, holding, action, state=state, **UNSTUCK, **values)


async def _call_at(uow: UnitOfWork, row: FlowRow, step: str) -> MoneyCall | None:
    return await money_calls.of_step(uow, reports.FLOW, row["id"], step, ordinal_of(row, step))
