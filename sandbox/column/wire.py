"""Column's answers: JSON."""

import json
from typing import Any

from sandbox.wire import Wire


class ColumnWire(Wire):
    media_type = "application/json"

    def render(self, document: Any) -> bytes:
        return json.dumps(document).encode()

    def malformed(self) -> bytes:
        return b'{"id": "acht_'

    def failure(self, status: int) -> bytes:
        error = {"type": "api_error", "code": "internal_error", "message": "Something went wrong.", "details": {}}
        return json.dumps(error | {"status": status}).encode()

    def with_wrong_amount(self, document: Any) -> Any:
        name = "positive_pay_amount" if "positive_pay_amount" in document else "amount"
        return document | {name: document[name] + 1} if name in document else document

    def with_wrong_reference(self, document: Any) -> Any:
        if "idempotency_key" not in document:
            return document
        return document | {"idempotency_key": f"{document['idempotency_key']}-of-another"}
