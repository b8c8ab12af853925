"""Whether an authorization allows a debit: asked when the debit is made, and once more when it is handed over."""

from datetime import date
from uuid import UUID

from db.flows.base import FlowRow
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.unit_of_work import UnitOfWork
from domain.authorization import ENDED, AuthorizationState, require_in_range
from domain.errors import LimitExceeded, StateConflict
from domain.recurrence import Frequency, period_date


def require_active(authorization: FlowRow) -> None:
    """Refuse what was paused or has ended, by name: `authorization_paused`, `…_cancelled`, `…_revoked`, `…_ended`."""
    state = authorization["state"]
    if state != AuthorizationState.ACTIVE:
        raise StateConflict(
            f"authorization_{state}",
            f"The authorization is {state}: nothing is debited under it.",
            field="authorization_id",
        )


def require_in_force(authorization: FlowRow, *, again: bool) -> None:
    """As `require_active`; a debit that came back and is sent again may outlast the authorization's own end."""
    if not (again and authorization["state"] == AuthorizationState.ENDED):
        require_active(authorization)


def require_account_and_sec(authorization: FlowRow, account_id: UUID, sec: str) -> None:
    """Refuse another account or another SEC code than was authorized."""
    if account_id != authorization["account_id"]:
        raise StateConflict("account_not_authorized", "The authorization is for another account.", field="account_id")
    if sec != authorization["sec"]:
        raise StateConflict("sec_not_authorized", f"The authorization is for {authorization['sec']}.", field="sec")


def require_amount(authorization: FlowRow, amount: int, announced: int | None, charge_on: date) -> None:
    """Refuse another amount (minor units) than was announced for the period, or else than was agreed."""
    if authorization["amount_rule"] == "variable":
        require_in_range(amount, authorization["amount_min"], authorization["amount_max"])
    elif amount != (announced or amount_on(authorization, charge_on)):
        raise LimitExceeded(
            "The amount is not the one that the customer authorized.", field="amount", code="amount_not_authorized"
        )


def amount_on(authorization: FlowRow, charge_on: date) -> int:
    """The amount of a charge on this date in minor units: a changed one from its own date on."""
    changes = authorization["next_amount_from"] is not None and charge_on >= authorization["next_amount_from"]
    return int(authorization["next_amount"] if changes else authorization["amount"])


async def require_allowed_still(uow: UnitOfWork, entry: FlowRow) -> None:
    """Refuse to hand over a debit whose authorization does not allow it any more. The entry must be locked.

    For a debit that came back and is sent again (`retry_of`) no period is charged.
    """
    if entry["authorization_id"] is None:
        return
    authorization = await queries.get(uow, entry["authorization_id"], lock=True)
    again = entry["retry_of"] is not None
    require_in_force(authorization, again=again)
    require_account_and_sec(authorization, entry["account_id"], entry["sec"])
    if not again:
        period = await periods.get(uow, authorization["id"], entry["period_on"])
        announced = None if period is None else period["amount"]
        charge_on = entry["business_date"] if period is None else period["charge_on"]
        require_amount(authorization, entry["amount"], announced, charge_on)


def scheduled(authorization: FlowRow, number: int) -> date:
    """The date of the period with this number, counted from the start or from where the schedule was changed."""
    start = authorization["schedule_from"] or authorization["starts_on"]
    return period_date(start, Frequency(authorization["frequency"]), number)


def require_open(authorization: FlowRow) -> None:
    """Refuse to change what has ended."""
    if authorization["state"] in ENDED:
        raise StateConflict(
            f"authorization_{authorization['state']}", f"The authorization is {authorization['state']}: it stays so."
        )
