"""Corrected data of a notification of change, read by column and never by blanks (Nacha addenda 98, columns 36 to 64).

A full 17-character account number leaves no blank to split at, so only the columns tell the fields apart. Nothing here
repeats what it read in an error: the data is an account number.
"""

from dataclasses import dataclass, field

from domain.bank_account import AccountNumber, AccountType
from domain.errors import InvalidInput
from domain.routing import require_routing_number

WIDTH = 29
ADDENDA_WIDTH = 94
_EMBEDDED = slice(35, 64)
_CODE_IN_ADDENDA = slice(3, 6)

_ACCOUNT, _ROUTING, _TYPE, _NAME, _INDIVIDUAL, _INSTITUTION = (
    "account_number",
    "routing_number",
    "account_type",
    "receiver_name",
    "individual_id",
    "receiving_dfi_identification",
)
LAYOUTS: dict[str, dict[str, slice]] = {
    "C01": {_ACCOUNT: slice(0, 17)},
    "C02": {_ROUTING: slice(0, 9)},
    "C03": {_ROUTING: slice(0, 9), _ACCOUNT: slice(12, 29)},
    "C04": {_NAME: slice(0, 22)},
    "C05": {_TYPE: slice(0, 2)},
    "C06": {_ACCOUNT: slice(0, 17), _TYPE: slice(20, 22)},
    "C07": {_ROUTING: slice(0, 9), _ACCOUNT: slice(9, 26), _TYPE: slice(26, 28)},
    "C08": {_INSTITUTION: slice(0, 29)},
    "C09": {_INDIVIDUAL: slice(0, 22)},
}
"""Code to field to columns of the corrected data (from 0, end excluded); every other column is blank."""

_TYPES = {first + second: kind for first, kind in (("2", "checking"), ("3", "savings")) for second in "23478"}
"""Transaction codes: 22 to 24 and 27, 28 are checking, 32 to 34 and 37, 38 savings (credits, debits, prenotes)."""


@dataclass(frozen=True, slots=True)
class ChangeData:
    """What is to be corrected; None: as it was. `text` holds what is kept and not applied (C04, C08, C09)."""

    routing_number: str | None = None
    account_number: AccountNumber | None = None
    account_type: AccountType | None = None
    text: str | None = field(default=None, repr=False)

    @property
    def needs_token(self) -> bool:
        """Whether the stored token speaks of something that was corrected."""
        return not (self.routing_number is None and self.account_number is None and self.account_type is None)


def read_change(code: str, data: str) -> ChangeData:
    """The corrected data of a code, given alone (up to 29 columns) or embedded in its addenda record (94 columns).

    Raises InvalidInput for a code without a layout, a column that must be blank and is not, and a value that cannot be
    one of its kind (check digit, digits, transaction code).
    """
    layout = LAYOUTS.get(code)
    if layout is None:
        raise InvalidInput("code", f"{code} corrects nothing that can be applied.", code="change_not_applicable")
    columns = _columns(code, data)
    fields = {name: columns[where].strip() for name, where in layout.items()}
    used = {column for where in layout.values() for column in range(where.start, where.stop)}
    if any(character != " " for column, character in enumerate(columns) if column not in used):
        raise _wrong("a column that must be blank is not")
    if missing := [name for name, value in fields.items() if not value]:
        raise _wrong(f"{missing[0]} is missing")
    routing, number, kind = fields.get(_ROUTING), fields.get(_ACCOUNT), fields.get(_TYPE)
    kept = fields.get(_NAME) or fields.get(_INDIVIDUAL) or fields.get(_INSTITUTION)
    if kind is not None and kind not in _TYPES:
        raise _wrong("the transaction code is neither checking nor savings")
    return ChangeData(
        routing_number=None if routing is None else require_routing_number(routing, field="corrected_data"),
        account_number=None if number is None else AccountNumber(number, field="corrected_data"),
        account_type=None if kind is None else AccountType(_TYPES[kind]),
        text=kept,
    )


def _columns(code: str, data: str) -> str:
    text = data.rstrip("\r\n")
    if len(text) == ADDENDA_WIDTH:
        if not text.startswith("798") or text[_CODE_IN_ADDENDA] != code:
            raise _wrong("the addenda record is of another kind or code")
        return text[_EMBEDDED]
    if len(text.rstrip()) > WIDTH:
        raise _wrong(f"it is longer than {WIDTH} columns")
    return text.rstrip().ljust(WIDTH)


def _wrong(why: str) -> InvalidInput:
    return InvalidInput("corrected_data", f"The corrected data cannot be right: {why}.", code="change_malformed")
