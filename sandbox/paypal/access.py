"""Who may ask: tokens for a client's credentials, which end; and the proof that a webhook is PayPal's."""

import base64
import hashlib
import hmac
import zlib
from datetime import timedelta
from typing import Any

from sandbox.books import Books
from sandbox.clock import instant_text, real_now
from sandbox.paypal.config import PayPalConfig
from sandbox.paypal.errors import PayPalError

_KEY = b"the pretend PayPal's own signing key"


class Access:
    def __init__(self, books: Books, config: PayPalConfig) -> None:
        self._books = books
        self._config = config

    def token(self, authorization: str, grant_type: str) -> dict[str, Any]:
        """POST /v1/oauth2/token."""
        expected = f"{self._config.client_id}:{self._config.client_secret}".encode()
        given = authorization.removeprefix("Basic ").encode()
        if not hmac.compare_digest(given, base64.b64encode(expected)):
            raise _unauthenticated("invalid_client")
        if grant_type != "client_credentials":
            raise PayPalError("unsupported_grant_type", "The grant type is not supported.")
        token = self._books.identifier("A21AA", 40)
        expires = real_now() + timedelta(seconds=self._config.token_life_seconds)
        self._books.insert("tokens", {"token": token, "expires_at": instant_text(expires)})
        return {
            "scope": "https://uri.paypal.com/services/payments/payouts",
            "access_token": token,
            "token_type": "Bearer",
            "app_id": "APP-SANDBOX",
            "expires_in": self._config.token_life_seconds,
        }

    def require(self, authorization: str) -> None:
        """Raises PayPalError 401 unless the bearer token is one of ours and has not ended."""
        found = self._books.value(
            "SELECT count(*) FROM tokens WHERE token = ? AND expires_at > ?",
            (authorization.removeprefix("Bearer "), instant_text(real_now())),
        )
        if not found:
            raise _unauthenticated("AUTHENTICATION_FAILURE")

    def forget_tokens(self) -> None:
        self._books.execute("DELETE FROM tokens")

    def headers(self, transmission_id: str, body: bytes) -> dict[str, str]:
        """What a webhook carries."""
        at = instant_text(real_now())
        return {
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-TIME": at,
            "PAYPAL-TRANSMISSION-SIG": self._signature(transmission_id, at, self._config.webhook_id, body),
            "PAYPAL-CERT-URL": "https://api.paypal.com/v1/notifications/certs/CERT-SANDBOX",
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        }

    def verify(self, asked: dict[str, Any], event: bytes) -> dict[str, str]:
        """POST /v1/notifications/verify-webhook-signature; ``event`` is the webhook_event as it was written."""
        due = self._signature(
            str(asked.get("transmission_id")), str(asked.get("transmission_time")), str(asked.get("webhook_id")), event
        )
        ours = asked.get("webhook_id") == self._config.webhook_id and asked.get("auth_algo") == "SHA256withRSA"
        same = hmac.compare_digest(due.encode(), str(asked.get("transmission_sig")).encode())
        return {"verification_status": "SUCCESS" if ours and same else "FAILURE"}

    @staticmethod
    def _signature(transmission_id: str, at: str, webhook_id: str, body: bytes) -> str:
        text = f"{transmission_id}|{at}|{webhook_id}|{zlib.crc32(body)}"
        return base64.b64encode(hmac.new(_KEY, text.encode(), hashlib.sha256).digest()).decode()


def _unauthenticated(name: str) -> PayPalError:
    return PayPalError(name, "Authentication failed due to invalid or missing credentials.", status=401)
