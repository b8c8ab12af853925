"""PayPal's bearer tokens: POST /v1/oauth2/token with the client's credentials, kept until shortly before they end."""

import httpx

from domain.clock import steady_seconds
from rails.base import EvidenceUnavailable

EARLIER_SECONDS = 60.0


class Tokens:
    """One client's token. Asking for one moves nothing."""

    def __init__(self, client: httpx.AsyncClient, url: str, client_id: str, client_secret: str) -> None:
        self._client = client
        self._url = url
        self._auth = httpx.BasicAuth(client_id, client_secret)
        self._token = ""
        self._ends = 0.0

    async def bearer(self) -> dict[str, str]:
        """The Authorization header. Raises EvidenceUnavailable when PayPal gives none."""
        if not self._token or steady_seconds() >= self._ends:
            await self._fetch()
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """PayPal did not take the token: ask for another."""
        self._token = ""

    async def _fetch(self) -> None:
        asked_at = steady_seconds()
        try:
            answer = await self._client.post(
                f"{self._url}/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._auth
            )
            document = answer.json() if answer.status_code == 200 else {}
            self._token = str(document["access_token"])
            self._ends = asked_at + int(document["expires_in"]) - EARLIER_SECONDS
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"token: {type(error).__name__}") from None
        except (ValueError, KeyError, TypeError):
            raise EvidenceUnavailable(f"token: HTTP {answer.status_code}") from None
