"""The gateway's daily report file: the only way to learn what became of a request whose answer was lost.

Absence proves that the gateway did not take the request only once the batch is closed.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

import httpx

from domain.money import Money
from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import BookLine, EvidenceUnavailable
from rails.epx.codes import REFUSED, accepted_codes

SIGNS = {"2": 1, "3": -1, "X": -1}
"""Debits bring money; credits, and voids of debits (which carry the debit's amount), take it away."""


@dataclass(frozen=True, slots=True)
class Report:
    """One batch of one merchant."""

    rows: tuple[dict[str, str], ...]
    closed: bool


class ReportFile:
    """Fetches report files over HTTP. `url` is the folder: `<url>/<MERCH_NBR>/<BATCH_ID>.csv`."""

    def __init__(self, client: httpx.AsyncClient, url: str, key: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._key = key

    async def fetch(self, merch_nbr: str, batch_id: str) -> Report:
        """One batch's report; raises EvidenceUnavailable while it cannot be had."""
        try:
            answer = await self._client.get(
                f"{self._url}/{merch_nbr}/{batch_id}.csv", headers={"X-API-Key": self._key}, follow_redirects=False
            )
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"report: {type(error).__name__}") from None
        if answer.status_code == 404:
            return Report((), closed=False)
        if answer.status_code != 200:
            raise EvidenceUnavailable(f"report: HTTP {answer.status_code}")
        rows = [row for row in csv.DictReader(StringIO(answer.text)) if row.get("TRAN_TYPE", "").startswith("CK")]
        return Report(tuple(rows), closed=answer.headers.get("X-Batch-Closed") == "true")


def conclude(call: MoneyCall, report: Report) -> Finding:
    """What the report proves about a call."""
    rows = [row for row in report.rows if row["TRAN_NBR"] == call.rail_reference]
    evidence = {"report_rows": rows, "batch_closed": report.closed}
    if not rows:
        if not report.closed:
            return Finding("not_yet", evidence=evidence)
        absent = Outcome("refused", "not_found", "The closed batch does not list the request.", evidence=evidence)
        return Finding("refused", absent, evidence)
    row = rows[0]
    code = row["AUTH_RESP"]
    same = row["TRAN_TYPE"] == call.operation and row["AMOUNT"] == call.money.decimal_text()
    if len(rows) > 1 or not same:
        return Finding("cannot_tell", evidence=evidence)
    if code in accepted_codes(call.operation):
        guid = row.get("AUTH_GUID") or None
        return Finding("applied", Outcome("applied", code, "Listed in the report.", guid, evidence=evidence), evidence)
    if code in REFUSED:
        refused = Outcome("refused", code, "Listed in the report.", must_act=REFUSED[code], evidence=evidence)
        return Finding("refused", refused, evidence)
    return Finding("cannot_tell" if report.closed else "not_yet", evidence=evidence)


def book_lines(report: Report) -> list[BookLine]:
    """The money that the report says was taken, to be held against ours; credits and voids take away."""
    return [
        BookLine(row["TRAN_NBR"], row.get("AUTH_GUID", ""), signed_amount(row))
        for row in report.rows
        if row["TRAN_TYPE"][-1:] in SIGNS and row["AUTH_RESP"] == "00"
    ]


def signed_amount(row: Mapping[str, str]) -> int:
    """What a row of a report or feed adds to what the gateway holds for us, in minor units."""
    return SIGNS[row["TRAN_TYPE"][-1:]] * Money.parse(row["AMOUNT"], "USD", field="AMOUNT").minor_units
