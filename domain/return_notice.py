"""A return or notification of change as it is told: by feed, by file or by API, always in the feed's columns."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from domain.inbox import InboxEvent, Received
from domain.money_call import MoneyCall

CameBy = Literal["feed", "file", "api"]
_CAME_BY: dict[str, CameBy] = {"returns": "feed", "file": "file", "api": "api"}
_LONGEST_CODE = 10
_LONGEST_EVENT_ID = 200
_CHANGE = re.compile(r"C[0-9]{2}")


@dataclass(frozen=True, slots=True)
class ReturnNotice:
    """What was told. `amount` and `tran_type` are as printed, empty where they were not given."""

    came_by: CameBy
    code: str
    auth_guid: str
    tran_nbr: str
    tran_type: str
    amount: str
    terminal: str
    returned_on: date | None
    addenda: str = field(repr=False)
    corrected_data: str = field(repr=False)

    def disagrees_with(self, call: MoneyCall) -> str | None:
        """Why it cannot speak of this call although it names it; None where nothing speaks against it."""
        if self.amount and self.amount != call.money.decimal_text():
            return "the amount is another"
        if self.tran_type and self.tran_type != call.operation:
            return "the transaction type is another"
        # what is harmless may be sent again without its answer: each send is an entry, with an AUTH_GUID of its own
        repeated = call.strategy == "harmless" and self.tran_nbr not in ("", call.rail_reference)
        if self.auth_guid and call.rail_id and self.auth_guid != call.rail_id and not repeated:
            return "the AUTH_GUID is another entry's"
        return None


def kind_of_notice(row: Mapping[str, str]) -> str:
    """`return` or `noc`; a row that does not say is told by its code."""
    said = row.get("KIND") or ""
    return said or ("noc" if _CHANGE.fullmatch(row.get("RETURN_CODE") or "") else "return")


def received(prefix: str, row: Mapping[str, str]) -> Received:
    """One row of the feed's columns, to be stored: under the teller's event id, or under what it says."""
    said = row.get("EVENT_ID") or "/".join(
        (row["AUTH_GUID"] or row["TRAN_NBR"], row["RETURN_CODE"], row.get("RETURN_DATE") or "undated")
    )
    return Received(
        source="epx",
        event_id=f"{prefix}/{said}"[:_LONGEST_EVENT_ID],
        kind=kind_of_notice(row),
        subject=row["AUTH_GUID"],
        reference=row["TRAN_NBR"],
        payload=json.dumps(row, separators=(",", ":")).encode(),
    )


def read_notice(event: InboxEvent) -> ReturnNotice:
    """Read a stored event. A date that cannot be read is none: the return is a fact all the same."""
    row = json.loads(event.payload)
    text = {name: value or "" for name, value in row.items() if isinstance(value, str) or value is None}
    return ReturnNotice(
        came_by=_CAME_BY.get(event.event_id.partition("/")[0], "feed"),
        code=text.get("RETURN_CODE", "").strip()[:_LONGEST_CODE],
        auth_guid=text.get("AUTH_GUID", ""),
        tran_nbr=text.get("TRAN_NBR", ""),
        tran_type=text.get("TRAN_TYPE", ""),
        amount=text.get("AMOUNT", ""),
        terminal=text.get("TERMINAL", ""),
        returned_on=_date(text.get("RETURN_DATE", "")),
        addenda=text.get("ADDENDA", ""),
        corrected_data=text.get("CORRECTED_DATA", ""),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
