"""The outside accounts to which the customer sends."""

from typing import Any

from sandbox.books import Books, Row
from sandbox.clock import BusinessClock, instant_text
from sandbox.column.errors import ColumnError, not_found
from sandbox.column.form import Fields, group, only, text
from sandbox.routing_numbers import is_routing_number

_NO_INSTITUTION = "099"  # a routing number in this range has a right check digit and no bank behind it
_NAMES = {"011000015": "FEDERAL RESERVE BANK OF BOSTON", "021000021": "JPMORGAN CHASE BANK, NA"}


def institution(routing_number: str) -> dict[str, Any]:
    """Raises ColumnError: 400 for a number that cannot exist, 404 for one that nobody has."""
    if not is_routing_number(routing_number):
        raise _invalid_routing_number()
    if routing_number.startswith(_NO_INSTITUTION):
        raise not_found("institution")
    name = _NAMES.get(routing_number, f"BANK {routing_number}")
    return {
        "routing_number_type": "aba",
        "routing_number": routing_number,
        "full_name": name,
        "short_name": name[:18],
        "country_code": "US",
        "ach_eligible": True,
        "wire_eligible": True,
        "realtime_eligible": False,
    }


def _invalid_routing_number() -> ColumnError:
    return ColumnError("counterparty_error", "invalid_routing_number", "The routing number is not valid.")


class Counterparties:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock

    def create(self, fields: Fields) -> Row:
        only(fields, "name", "account_number", "routing_number", "account_type", "description", "address", "email")
        group(fields, "address")
        routing_number = text(fields, "routing_number")
        if not is_routing_number(routing_number) or routing_number.startswith(_NO_INSTITUTION):
            raise _invalid_routing_number()
        account_number = text(fields, "account_number")
        if not (account_number.isascii() and account_number.isalnum() and 4 <= len(account_number) <= 17):
            raise ColumnError("counterparty_error", "invalid_account_number", "The account number is not valid.")
        row = {
            "id": self._books.identifier("cpty_", 27),
            "routing_number": routing_number,
            "account_number": account_number,
            "name": text(fields, "name", required=False),
            "created_at": instant_text(self._clock.now()),
        }
        self._books.insert("counterparties", row)
        return row

    def get(self, counterparty_id: str) -> Row:
        found = self._books.row("SELECT * FROM counterparties WHERE id = ?", (counterparty_id,))
        if found is None:
            raise not_found("counterparty")
        return found

    def document(self, row: Row) -> dict[str, Any]:
        return {
            "id": row["id"],
            "name": row["name"],
            "routing_number": row["routing_number"],
            "routing_number_type": "aba",
            "account_number": row["account_number"],
            "account_last_four": row["account_number"][-4:],
            "created_at": row["created_at"],
        }
