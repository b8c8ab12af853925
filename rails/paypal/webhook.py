"""PayPal's webhooks, verified by PayPal itself: POST /v1/notifications/verify-webhook-signature with what came.

PayPal signs the checksum of the body as it was sent, so the body goes back as it is and is not written anew.
"""

import json
from collections.abc import Mapping

import httpx

from domain.errors import InvalidInput, Unauthenticated, Unavailable
from domain.inbox import Received
from rails.base import EvidenceUnavailable, http_client
from rails.paypal import tokens_of
from rails.paypal.event import NotAnEvent, read_event
from settings_payout import PayPalSettings

_HEADERS = {
    "auth_algo": "paypal-auth-algo",
    "cert_url": "paypal-cert-url",
    "transmission_id": "paypal-transmission-id",
    "transmission_sig": "paypal-transmission-sig",
    "transmission_time": "paypal-transmission-time",
}
_PATH = "/v1/notifications/verify-webhook-signature"


class PayPalWebhook:
    """Verifies and reads what is posted to us. `headers` are looked up in lower case."""

    source = "paypal"

    def __init__(self, settings: PayPalSettings) -> None:
        self._settings = settings

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """The message to be stored.

        Raises Unauthenticated for what PayPal did not send, InvalidInput for no event, Unavailable when PayPal cannot
        be asked: it then sends the message again.
        """
        try:
            event = read_event(body)
        except NotAnEvent:
            raise InvalidInput("body", "The body is not an event.", code="malformed_event") from None
        proof = {name: headers.get(header, "") for name, header in _HEADERS.items()}
        if not self._settings.url or not all(proof.values()) or not await self._is_paypals(proof, body):
            raise Unauthenticated("The webhook's signature is not valid.", code="invalid_signature")
        return Received(
            source=self.source,
            event_id=event.event_id,
            kind=event.type,
            subject=event.batch_id,
            payload=body,
            reference=event.reference or None,
        )

    async def _is_paypals(self, proof: Mapping[str, str], body: bytes) -> bool:
        asked = json.dumps({**proof, "webhook_id": self._settings.webhook_id})
        # the event is known to be JSON; as text it keeps the bytes that were signed
        content = asked[:-1].encode() + b', "webhook_event":' + body + b"}"
        try:
            async with http_client(self._settings) as client:
                bearer = await tokens_of(client, self._settings).bearer()
                headers = {**bearer, "Content-Type": "application/json"}
                answer = await client.post(self._settings.url + _PATH, content=content, headers=headers)
            verified = answer.json() if answer.status_code == 200 else None
        except (httpx.HTTPError, OSError, ValueError, EvidenceUnavailable):
            verified = None
        if not isinstance(verified, dict):
            raise Unavailable("PayPal cannot be asked whether the webhook is its own.")
        return verified.get("verification_status") == "SUCCESS"
