"""What the gateway does with magic accounts and amounts. docs/sandbox.md lists them for people."""

from dataclasses import dataclass

from sandbox import magic_accounts

# Returns that a zero-dollar prenote can bring: those about the account, not about money or consent.
_ACCOUNT_RETURNS = frozenset({"R02", "R03", "R04", "R12", "R13", "R14", "R15", "R16", "R17", "R20", "R28", "R34"})

_DOCUMENTED_AMOUNTS = {105: "05", 114: "14", 151: "51", 154: "54", 161: "61"}
_FURTHER_AMOUNTS = {152: "52", 153: "53", 165: "65", 178: "78"}
_LOST_ERRORS = {106: "06", 191: "91", 196: "96"}
_KEPT_ERRORS = {206: "06", 291: "91", 296: "96"}


@dataclass(frozen=True)
class Behaviour:
    """What this account does. Codes are None where nothing special happens."""

    decline: str | None = None
    prenote_return: str | None = None
    live_return: str | None = None
    only_first_live: bool = False
    prenote_change: str | None = None
    live_change: str | None = None
    delay_ms: int = 0
    system_error: str | None = None
    error_is_kept: bool = False


def account_behaviour(account_number: str) -> Behaviour:
    found = magic_accounts.parse(account_number)
    if found is None:
        return Behaviour()
    kind, digits = found
    returned, changed = f"R{digits}", f"C{digits}"
    behaviours = {
        "90": Behaviour(live_return=returned, prenote_return=returned if returned in _ACCOUNT_RETURNS else None),
        "91": Behaviour(prenote_change=changed, live_change=changed),
        "92": Behaviour(live_return=returned),
        "93": Behaviour(prenote_return=returned),
        "94": Behaviour(decline=digits),
        "95": Behaviour(live_return=returned, only_first_live=True),
        "96": Behaviour(live_change=changed),
        "97": Behaviour(delay_ms=100 * int(digits)),
        "98": Behaviour(system_error=digits),
        "99": Behaviour(system_error=digits, error_is_kept=True),
    }
    return behaviours.get(kind, Behaviour())


def amount_decline(cents: int) -> str | None:
    return _DOCUMENTED_AMOUNTS.get(cents) or _FURTHER_AMOUNTS.get(cents)


def amount_error(cents: int) -> tuple[str, bool] | None:
    """(AUTH_RESP, whether the attempt was kept all the same)."""
    if cents in _LOST_ERRORS:
        return _LOST_ERRORS[cents], False
    if cents in _KEPT_ERRORS:
        return _KEPT_ERRORS[cents], True
    return None
