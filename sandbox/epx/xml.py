"""EPX's answers: RESPONSE > FIELDS > FIELD KEY="NAME", always XML."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sandbox.wire import Wire


class EpxWire(Wire):
    media_type = "text/xml"

    def render(self, document: Any) -> bytes:
        """``document`` maps field names to text; the feeds and the report are already text."""
        if isinstance(document, str):
            return document.encode()
        return _xml(document)

    def malformed(self) -> bytes:
        return b'<RESPONSE><FIELDS><FIELD KEY="AUTH_RESP">00</FIELD><FIELD KEY="AUTH_GU'

    def failure(self, status: int) -> bytes:
        return f"<html><body><h1>{status}</h1></body></html>".encode()

    def with_wrong_amount(self, document: Any) -> Any:
        if isinstance(document, str):
            return document
        amounts = ("AMOUNT", "AUTH_AMOUNT", "AUTH_AMOUNT_REQUESTED")
        return {key: _one_cent_more(value) if key in amounts else value for key, value in document.items()}

    def with_wrong_reference(self, document: Any) -> Any:
        if isinstance(document, str):
            return document
        return {**document, "TRAN_NBR": str(int(document.get("TRAN_NBR") or 0) + 1)}


def _xml(fields: Mapping[str, str]) -> bytes:
    lines = "".join(f"<FIELD KEY={quoteattr(key)}>{escape(value)}</FIELD>" for key, value in fields.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><RESPONSE><FIELDS>{lines}</FIELDS></RESPONSE>'.encode()


def _one_cent_more(amount: str) -> str:
    cents = int(amount.replace(".", "")) + 1
    return f"{cents // 100}.{cents % 100:02d}"
