"""What the bank does with magic account numbers. docs/sandbox.md lists them for people."""

from dataclasses import dataclass

from sandbox import magic_accounts


@dataclass(frozen=True)
class Behaviour:
    refused: str | None = None  # error code at once
    returned: str | None = None  # R code after settlement
    only_first: bool = False
    changed: str | None = None  # C code after settlement
    reviewed: bool = False  # stays in MANUAL_REVIEW until control lets it go
    canceled: bool = False  # the bank itself cancels it instead of submitting it


_REFUSALS = {"01": "invalid_account_number", "02": "counterparty_blocked", "03": "ach_limit_exceeded"}


def account_behaviour(account_number: str) -> Behaviour:
    found = magic_accounts.parse(account_number)
    if found is None:
        return Behaviour()
    kind, digits = found
    behaviours = {
        "90": Behaviour(returned=f"R{digits}"),
        "91": Behaviour(changed=f"C{digits}"),
        "94": Behaviour(refused=_REFUSALS.get(digits, "counterparty_blocked")),
        "95": Behaviour(returned=f"R{digits}", only_first=True),
        "96": Behaviour(reviewed=True),
        "97": Behaviour(canceled=True),
    }
    return behaviours.get(kind, Behaviour())
