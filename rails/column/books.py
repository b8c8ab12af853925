"""Column's own book: what each of our bank accounts holds there."""

import httpx

from domain.money import Money
from rails.base import EvidenceUnavailable


class ColumnBooks:
    """Reads bank accounts."""

    def __init__(self, client: httpx.AsyncClient, url: str, api_key: str) -> None:
        self._client = client
        self._url = url
        self._auth = httpx.BasicAuth("", api_key)

    async def balance(self, bank_account_id: str) -> Money:
        """What a bank account holds. Raises EvidenceUnavailable."""
        try:
            answer = await self._client.get(f"{self._url}/bank-accounts/{bank_account_id}", auth=self._auth)
            document = answer.json() if answer.status_code == 200 else {}
            return Money(document["balances"]["available_amount"], document["currency_code"])
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"bank account: {type(error).__name__}") from None
        except (ValueError, TypeError, KeyError):
            raise EvidenceUnavailable(f"bank account: HTTP {answer.status_code}") from None
