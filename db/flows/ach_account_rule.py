"""Whether an account may be debited or credited: asked when an entry is made, and once more when it is handed over.

Each reason has a code of its own, because each is mended by somebody else: a hold by an operator who looks, a disabled
account by the payee who names another one, one that is not verified by time, or by storing it again.
"""

from db.flows.base import FlowRow
from domain.errors import StateConflict


def require_usable(account: FlowRow) -> None:
    """Refuse an account that may not be debited or credited, naming why.

    `account_on_hold`, `account_disabled`, `account_not_verified`.
    """
    if account["hold_code"] is not None:
        raise StateConflict(
            "account_on_hold",
            f"A return {account['hold_code']} put the account on hold: an operator looks at it and releases it.",
            field="account_id",
            who_must_act="operator",
        )
    require_not_disabled(account)
    if account["state"] != "stored" or account["verification_state"] != "verified":
        raise StateConflict(
            "account_not_verified",
            "The account is not verified yet: its state is "
            f"{account['state']}, its verification {account['verification_state']}.",
            field="account_id",
            retry="later",
        )


def require_not_disabled(account: FlowRow) -> None:
    """Refuse an account that will never be used again: `account_disabled`. A hold may be released."""
    otherwise = account["hold_code"] is not None or account["state"] in ("failed", "cancelled")
    if not (account["is_active"] or otherwise):
        raise StateConflict(
            "account_disabled",
            "The account is disabled for good: another one is needed.",
            field="account_id",
            who_must_act="payee",
        )


def require_debitable(account: FlowRow) -> None:
    """Refuse an account that may not be debited, naming why: as `require_usable`, or `account_takes_credits_only`."""
    require_usable(account)
    if account["prenote_direction"] == "credit":
        raise StateConflict(
            "account_takes_credits_only", "The account was stored for credits only.", field="account_id"
        )
