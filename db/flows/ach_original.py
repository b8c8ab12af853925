"""Whether a debit can be voided or refunded now. The debit's row must be locked: one writer per original.

The database keeps the sums as well (migration 0010); here the reasons are named.
"""

from contextlib import suppress
from uuid import UUID

from db.flows.ach_run import run_of
from db.flows.ach_steps import AchTerms, withdraw_entry
from db.flows.base import FlowRow
from db.queries import ach_family as family
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.errors import ContradictionOpen, LimitExceeded, StateConflict
from domain.money import Money
from domain.void_window import void_deadline


async def require_voidable(uow: UnitOfWork, original: FlowRow, terms: AchTerms, asked_by: UUID | None = None) -> None:
    """Refuse unless the debit waits to go out and nothing was refunded. `asked_by` is the void itself."""
    require_debit(original)
    await _require_standing(uow, original, asked_by)
    await require_in_time(uow, original, terms)
    if await family.refunded(uow, original["id"]):
        raise StateConflict("TRANSACTION_ALREADY_REFUNDED", "Something of the debit was refunded: it cannot be voided.")


async def require_in_time(uow: UnitOfWork, original: FlowRow, terms: AchTerms) -> None:
    """Refuse once the debit has gone out, or its batch is closed."""
    deadline = void_deadline(
        original["batch_id"],
        original["processed_at"],
        entry_cut_off=terms.cut_off,
        void_cut_off=terms.void_cut_off,
    )
    if original["ach_state"] != AchState.ACCEPTED or await uow.business_now() >= deadline:
        raise StateConflict(
            "TRANSACTION_ALREADY_SETTLED",
            "The debit has gone out and cannot be voided. Refund it once it has settled: POST /v1/ach-credits.",
        )


async def require_refundable(uow: UnitOfWork, original: FlowRow, terms: AchTerms, asked_by: UUID | None = None) -> None:
    """Refuse unless the debit settled (or need not have, by setting). The amount is `require_left`'s concern."""
    require_debit(original, field="parent_transaction_id")
    await _require_standing(uow, original, asked_by)
    if original["ach_state"] != AchState.SETTLED and not terms.refund_before_settlement:
        raise StateConflict(
            "transaction_not_settled",
            "The debit has not settled yet. Void it before it goes out (POST /v1/ach-debits/{id}/void) or wait.",
            retry="later",
        )


async def require_left(uow: UnitOfWork, original: FlowRow, money: Money) -> None:
    """Refuse more than what is left of the debit: refunds that have not failed or come back count, pending ones too."""
    left = original["amount"] - await family.refunded(uow, original["id"])
    if money.minor_units > left:
        raise LimitExceeded(
            f"Only {Money(left, original['currency'])} of the debit is left to refund.",
            field="amount",
            code="refund_exceeds_debit",
        )


def require_debit(original: FlowRow, *, field: str | None = None) -> None:
    """Only a debit that pulled money can be voided or refunded: no void, refund or payout."""
    if original["type"] != "DEBIT" or original["direction"] != "debit":
        raise StateConflict("WRONG_TRANSACTION_TYPE", "Only a debit can be voided or refunded.", field=field)


async def _require_standing(uow: UnitOfWork, original: FlowRow, asked_by: UUID | None) -> None:
    """Refuse a debit that is voided, in doubt, without effect, or coming back."""
    state = original["ach_state"]
    void = await family.live_void(uow, original["id"])
    if state == AchState.VOIDED or (void is not None and void["id"] != asked_by):
        under_way = "" if state == AchState.VOIDED else " A void of it is under way, or in doubt."
        raise StateConflict("TRANSACTION_ALREADY_VOIDED", f"The debit is voided.{under_way}")
    if state in (AchState.CREATED, AchState.SUBMITTING, AchState.UNKNOWN):
        raise StateConflict(
            "transaction_in_doubt", "Whether the gateway took the debit is not known yet.", retry="later"
        )
    if state in (AchState.RETURNED, AchState.DISHONORED, AchState.CONTESTED):
        raise StateConflict("transaction_returned", "The debit came back: its money is with the payer already.")
    if state not in (AchState.ACCEPTED, AchState.ORIGINATED, AchState.SETTLED):
        raise StateConflict("transaction_not_accepted", f"The debit is {state}: there is nothing to give back.")
    if original["auth_guid"] is None:
        raise StateConflict(
            "no_auth_guid",
            "The gateway's id of the debit is not known: pay the money out without a parent instead.",
            who_must_act="operator",
        )
    if await family.return_waits(uow, original):
        raise StateConflict("transaction_returned", "A return of the debit was received and is being processed.")
    if await family.has_contradiction(uow, original["id"]):
        raise ContradictionOpen


async def family_of(uow: UnitOfWork, original: FlowRow) -> str:
    """`CKC` or `CKS`, as the original was sent; the account may have been corrected since."""
    call = await money_calls.of_step(uow, "ach-debit", original["id"], "debit", original["attempt"])
    if call is None:
        raise StateConflict("transaction_not_accepted", "The debit was never handed to the gateway.")
    return call.operation[:3]


async def withdraw_children(uow: UnitOfWork, original: FlowRow) -> None:
    """A debit came back: its refunds and voids that were not handed over yet are taken back, so nobody pays twice.

    The original must be locked. What was handed over stands, and is for a person to see.
    """
    for child in await family.lock_pending_children(uow, original["id"]):
        with suppress(StateConflict):  # it was handed over: nobody can take it back
            await withdraw_entry(uow, child, "transaction_returned", "The debit came back meanwhile.")
            await uow.wake_workflow(run_of(child))
