"""What a payout method is: a way to pay one payout to its payee, all of it in one module of this package.

A method says which details it needs, which request to which rail pays by it, which ledger accounts that moves, and who
must act when it fails. Nothing else in the product asks which method it is.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal
from uuid import UUID

from domain.column_transfer import BankAccounts
from domain.errors import InvalidInput
from domain.money import Money
from domain.money_call import LedgerLine
from domain.reimbursement_lines import inverse, payout

MustAct = Literal["payee", "operator", "nobody"]
"""`nobody`: it mends itself; the payout is tried again after a while and nobody is told."""
Details = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One detail of a method. `pattern` is what the whole value looks like; one with a `default` need not be given."""

    name: str
    meaning: str
    example: str
    pattern: str = r"[^\x00-\x1f\x7f]+"
    longest: int = 100
    default: str | None = None
    secret: bool = False

    def read(self, given: Mapping[str, str]) -> str:
        """The value as it is stored. Raises InvalidInput, which names the field and nothing of the value."""
        value = given.get(self.name, self.default or "").strip()
        if not value and self.default is not None:
            return self.default
        if len(value) > self.longest or not re.fullmatch(self.pattern, value):
            raise InvalidInput(self.name, f"Must be {self.meaning}, at most {self.longest} characters.")
        return value


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """What one attempt has to do. `reference` is ours: the idempotency key at the rail."""

    money: Money
    reference: str
    report_name: str
    payee_name: str = field(repr=False)


class PayoutMethod(ABC):
    """One way to pay. An instance is stateless; `domain.payout_method.METHODS` names them all."""

    kind: ClassVar[str]
    rail: ClassVar[str]
    operation: ClassVar[str]
    """The rail's operation that hands the payout over."""
    summary: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]
    not_ended_badly: ClassVar[tuple[str, str]]
    """Code and message of the refusal to reverse while an attempt by it is neither refused nor returned."""
    by_hand: ClassVar[bool] = False
    """A person hands it over: the attempt has an owner and a deadline, and what two persons saw is the bank's word."""
    stop_operation: ClassVar[str | None] = None
    """The rail's operation that stops what was handed over and is not paid; None where nothing can."""

    def read(self, given: Mapping[str, str]) -> dict[str, str]:
        """The details as they are stored. Raises InvalidInput naming the field."""
        return {wanted.name: wanted.read(given) for wanted in self.fields}

    silent_days: ClassVar[int | None] = None
    """Days by which the rail has said what became of it; then a person looks. None: it is known at once."""

    @abstractmethod
    def hint(self, details: Details) -> str:
        """What people may see of the details: four characters."""

    @abstractmethod
    def destination(self, hint: str) -> str:
        """Where the money goes, for the payee's mail: `to the account ending in 6789`."""

    @abstractmethod
    def request(self, accounts: BankAccounts, order: PayoutOrder, details: Details) -> dict[str, str]:
        """The rail's frozen request."""

    def lines(self, holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
        """What handing it over moves: the bank debits FS Main at once, unless the method says otherwise."""
        return payout(holding_id, amount)

    def paid_lines(self, amount: int) -> tuple[LedgerLine, ...]:
        """What moves only when the bank pays; nothing where handing it over moved it all."""
        del amount
        return ()

    def fee_lines(self, amount: int) -> tuple[LedgerLine, ...]:
        """What the rail takes for a payout beside it; less than nothing is what it gives back of that."""
        del amount
        return ()

    def return_lines(self, holding_id: UUID, amount: int, *, paid: bool) -> tuple[LedgerLine, ...]:
        """What brings the money back to the payout. `paid`: whether the bank had paid it out already."""
        del paid
        return inverse(self.lines(holding_id, amount))

    @abstractmethod
    def who_acts(self, meaning: str, code: str | None) -> MustAct:
        """Who must act when it came back: the payee where other details mend it, else we."""
