"""Column's webhooks: Column-Signature is the hex HMAC-SHA256 of the raw body under the endpoint's secret."""

import hashlib
import hmac
from collections.abc import Mapping

from domain.errors import InvalidInput, Unauthenticated
from domain.inbox import Received
from rails.column.event import NotAnEvent, read_event

SIGNATURE_HEADER = "Column-Signature"


class ColumnWebhook:
    """Verifies and reads what is posted to us. `headers` are looked up in lower case."""

    source = "column"

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """The same as `read`: nobody has to be asked."""
        return self.read(headers, body)

    def read(self, headers: Mapping[str, str], body: bytes) -> Received:
        """The message to be stored. Raises Unauthenticated for a wrong signature, InvalidInput for no event."""
        given = headers.get(SIGNATURE_HEADER.lower(), "")
        due = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        # without a secret nobody could be told from Column
        if not self._secret or not hmac.compare_digest(given.encode(), due.encode()):
            raise Unauthenticated("The webhook's signature is not valid.", code="invalid_signature")
        try:
            event = read_event(body)
        except NotAnEvent:
            raise InvalidInput("body", "The body is not an event.", code="malformed_event") from None
        return Received(
            source=self.source,
            event_id=event.event_id,
            kind=event.type,
            subject=event.transfer_id,
            payload=body,
            reference=event.reference or None,
        )
