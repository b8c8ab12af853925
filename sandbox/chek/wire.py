"""Chek's answers: JSON."""

import json
from typing import Any

from sandbox.wire import Wire


class ChekWire(Wire):
    media_type = "application/json"

    def render(self, document: Any) -> bytes:
        return json.dumps(document).encode()

    def malformed(self) -> bytes:
        return b'{"transfer": {"id": 7'

    def failure(self, status: int) -> bytes:
        return f"<html><body>Server Error ({status})</body></html>".encode()

    def with_wrong_amount(self, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        changed = dict(document)
        if isinstance(changed.get("transfer"), dict):
            changed["transfer"] = changed["transfer"] | {"amount": changed["transfer"]["amount"] + 1}
        if "amount" in changed:
            changed["amount"] += 1
        return changed

    def with_wrong_reference(self, document: Any) -> Any:
        """About another user, the only thing of ours that Chek's answers repeat."""
        if not isinstance(document, dict):
            return document
        named = {
            part: document[part] | {"id": document[part]["id"] + 1}
            for part in ("user", "source", "destination")
            if isinstance(document.get(part), dict)
        }
        return document | named
