"""Returns and notifications of change in a file: the columns of the gateway's feed, with or without its event ids."""

import csv
from collections.abc import Iterator
from io import StringIO

from domain.inbox import Received
from domain.return_notice import received

NEEDED = ("AUTH_GUID", "TRAN_NBR", "RETURN_CODE")
_OTHERS = "EVENT_ID KIND TERMINAL BATCH_ID TRAN_TYPE AMOUNT RETURN_REASON RETURN_DATE ADDENDA CORRECTED_DATA"
COLUMNS = frozenset((*NEEDED, *_OTHERS.split()))
LARGEST_FILE_BYTES = 10_000_000
LONGEST_FIELD = 200
KINDS = ("return", "noc")


class UnreadableFileError(Exception):
    """The file is partial, or not of this format; says the line and nothing of what stands in it."""


def read_return_file(content: bytes) -> list[Received]:
    """Every row of a whole file, or UnreadableFileError: of a partial file nothing is taken."""
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableFileError(f"larger than {LARGEST_FILE_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFileError("not UTF-8 text") from None
    if not text.endswith("\n"):
        raise UnreadableFileError("the last line has no end: the file is partial")
    try:
        return [received("file", row) for row in _rows(text)]
    except csv.Error:
        raise UnreadableFileError("not a CSV file") from None


def _rows(text: str) -> Iterator[dict[str, str]]:
    reader = csv.reader(StringIO(text), strict=True)
    header = next(reader, [])
    if missing := [name for name in NEEDED if name not in header]:
        raise UnreadableFileError(f"the column {missing[0]} is missing")
    if unknown := set(header) - COLUMNS:
        raise UnreadableFileError(f"{len(unknown)} columns are not of this format")
    for fields in reader:
        line = reader.line_num
        if len(fields) != len(header):
            raise UnreadableFileError(f"line {line} has {len(fields)} fields instead of {len(header)}")
        row = dict(zip(header, fields, strict=True))
        if any(len(value) > LONGEST_FIELD for value in fields):
            raise UnreadableFileError(f"line {line} has a field of more than {LONGEST_FIELD} characters")
        if not row["RETURN_CODE"] or not (row["AUTH_GUID"] or row["TRAN_NBR"]):
            raise UnreadableFileError(f"line {line} names no code, or no entry")
        if row.get("KIND") not in (None, "", *KINDS):
            raise UnreadableFileError(f"line {line} is neither a return nor a notification of change")
        yield row
