"""ACH return codes (R..) and notification-of-change codes (C..) with the rules that follow from them.

The tables in domain/data restate public facts of the Nacha rules. A code that is not in them is stored and treated as
"returned, not to be sent again, hold the account", never guessed at.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, TypeVar

Category = Literal["funds", "administrative", "unauthorized", "other"]
DisableScope = Literal["none", "debits", "all", "this_entry_or_series", "hold_until_corrected"]

_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """Why an entry came back and what may be done next."""

    code: str
    title: str
    category: Category
    retryable: bool
    max_reinitiations: int
    """How many more times the entry may be sent (within 180 days of the original settlement)."""
    disables_account: bool
    disable_scope: DisableScope
    authorization_revoked: bool
    deadline_banking_days: int | None
    """Banking days after settlement within which it arrives; None where it is not counted in banking days."""
    deadline_calendar_days: int | None
    deadline_basis: str
    remedy: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class ChangeCode:
    """What the receiving bank asks us to correct. The entry itself settled: a change never fails a payment."""

    code: str
    title: str
    corrected_fields: tuple[str, ...]
    applied_automatically: bool
    action: str


def return_code(code: str) -> ReturnCode:
    """The rules of a return code; a careful default with `known` false for one that is not in the table."""
    return return_codes().get(code) or ReturnCode(
        code=code,
        title="Unknown return code",
        category="other",
        retryable=False,
        max_reinitiations=0,
        disables_account=True,
        disable_scope="all",
        authorization_revoked=False,
        deadline_banking_days=None,
        deadline_calendar_days=None,
        deadline_basis="unknown",
        remedy="review",
        known=False,
    )


def change_code(code: str) -> ChangeCode:
    """The meaning of a notification of change; an unknown one corrects nothing by machine."""
    return change_codes().get(code) or ChangeCode(code, "Unknown change code", (), False, "review")


@cache
def return_codes() -> dict[str, ReturnCode]:
    """All return codes that are assigned."""
    return {
        row["code"]: ReturnCode(
            code=row["code"],
            title=row["title"],
            category=_one_of(row["category"], "funds", "administrative", "unauthorized", "other"),
            retryable=_yes(row["retryable"]),
            max_reinitiations=int(row["max_reinitiations"]),
            disables_account=_yes(row["disables_account"]),
            disable_scope=_one_of(
                row["disable_scope"], "none", "debits", "all", "this_entry_or_series", "hold_until_corrected"
            ),
            authorization_revoked=_yes(row["authorization_revoked"]),
            deadline_banking_days=_days(row["return_deadline_banking_days"]),
            deadline_calendar_days=_days(row["return_deadline_calendar_days"]),
            deadline_basis=row["deadline_basis"],
            remedy=row["remedy"],
        )
        for row in _rows("ach_return_codes.csv")
    }


@cache
def change_codes() -> dict[str, ChangeCode]:
    """All notification-of-change codes, the refusals C61 to C69 included."""
    return {
        row["code"]: ChangeCode(
            code=row["code"],
            title=row["title"],
            corrected_fields=tuple(row["corrected_fields"].split(";")),
            applied_automatically=_yes(row["auto_apply"]),
            action=row["action"],
        )
        for row in _rows("ach_change_codes.csv")
    }


def who_acts_on_returned_credit(code: str | None) -> Literal["payee", "operator"]:
    """The payee, where other bank details mend it (by Nacha's remedy, or R23: the receiver refused); else we do."""
    if code is None:
        return "operator"
    return "payee" if code == "R23" or return_code(code).remedy == "new_account_needed" else "operator"


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("domain.data").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _one_of(value: str, *words: _Word) -> _Word:
    return next(word for word in words if word == value)


def _yes(value: str) -> bool:
    return {"yes": True, "no": False}[value]


def _days(value: str) -> int | None:
    return int(value) if value else None
