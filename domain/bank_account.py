"""A bank account in the United States, and account numbers that cannot leak by being printed."""

import re
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Never, final

from domain.errors import InvalidInput
from domain.routing import require_routing_number

_ACCOUNT_NUMBER = re.compile(r"[0-9]{4,17}")


class AccountType(StrEnum):
    """Decides the family of ACH transaction codes."""

    CHECKING = "checking"
    SAVINGS = "savings"


@final
class AccountNumber:
    """4 to 17 digits (the Nacha field's width). Printing, formatting or pickling it never shows them; `reveal` does."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str, *, field: str = "account_number") -> None:
        """Take the digits, or raise InvalidInput naming the field and nothing of the value."""
        if not _ACCOUNT_NUMBER.fullmatch(digits):
            raise InvalidInput(field, "Must be 4 to 17 digits.", code="invalid_account_number")
        self._digits = digits

    def reveal(self) -> str:
        """The digits themselves: for the partner's request and for encryption, never for people."""
        return self._digits

    @property
    def last_four(self) -> str:
        """What people may see: the last four digits, never more than half of a short number; always four characters."""
        shown = min(4, len(self._digits) // 2)
        return self._digits[-shown:].rjust(4, "*")

    def __eq__(self, other: object) -> bool:
        """Same digits, compared in constant time."""
        return isinstance(other, AccountNumber) and compare_digest(self._digits, other._digits)

    def __hash__(self) -> int:
        """Equal numbers are one key."""
        return hash((AccountNumber, self._digits))

    def __repr__(self) -> str:
        """Three stars."""
        return "***"

    def __reduce__(self) -> Never:
        """Refuse: a pickle would carry the digits."""
        raise TypeError("an account number is not pickled")


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where an ACH entry goes. The routing number and the type are not secret; the account number and name are."""

    routing_number: str
    account_number: AccountNumber
    account_type: AccountType

    def __post_init__(self) -> None:
        """Refuse a routing number that names no bank."""
        require_routing_number(self.routing_number, field="routing_number")
