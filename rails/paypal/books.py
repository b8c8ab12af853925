"""Our balance at PayPal: GET /v1/reporting/balances."""

import httpx

from domain.money import Money
from rails.base import EvidenceUnavailable
from rails.paypal.token import Tokens


class PayPalBooks:
    """Reads the balance."""

    def __init__(self, client: httpx.AsyncClient, url: str, tokens: Tokens) -> None:
        self._client = client
        self._url = url
        self._tokens = tokens

    async def balance(self, currency: str) -> Money:
        """What we have there in one currency. Raises EvidenceUnavailable."""
        try:
            answer = await self._client.get(
                f"{self._url}/v1/reporting/balances",
                params={"currency_code": currency},
                headers=await self._tokens.bearer(),
            )
            document = answer.json() if answer.status_code == 200 else {}
            (balance,) = (found for found in document["balances"] if found["currency"] == currency)
            return Money.parse(balance["total_balance"]["value"], currency, field="total_balance")
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"balance: {type(error).__name__}") from None
        except (ValueError, TypeError, KeyError):
            raise EvidenceUnavailable(f"balance: HTTP {answer.status_code}") from None
