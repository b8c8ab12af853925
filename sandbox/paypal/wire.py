"""PayPal's answers: JSON."""

import json
from typing import Any

from sandbox.wire import Wire


class PayPalWire(Wire):
    media_type = "application/json"

    def render(self, document: Any) -> bytes:
        return json.dumps(document).encode()

    def malformed(self) -> bytes:
        return b'{"batch_header": {'

    def failure(self, status: int) -> bytes:
        error = {"name": "INTERNAL_SERVICE_ERROR", "message": "An internal service error has occurred.", "details": []}
        return json.dumps(error | {"status": status}).encode()

    def with_wrong_amount(self, document: Any) -> Any:
        header = document.get("batch_header", {})
        if "amount" not in header:
            return document
        return document | {"batch_header": header | {"amount": header["amount"] | {"value": "0.01"}}}

    def with_wrong_reference(self, document: Any) -> Any:
        header = document.get("batch_header", {})
        if "sender_batch_header" not in header:
            return document
        return document | {"batch_header": header | {"sender_batch_header": {"sender_batch_id": "of another"}}}
