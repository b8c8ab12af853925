"""Everything that moved our PayPal balance: GET /v1/reporting/transactions (PayPal's Transaction Search)."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.errors import InvalidInput
from domain.money import Money
from rails.base import EvidenceUnavailable
from rails.listed import Debit
from rails.paypal.token import Tokens

PATH = "/v1/reporting/transactions"
LONGEST_RANGE = timedelta(days=31)
PAGE_SIZE = 100
MOST_PAGES = 200
NO_DEBIT = ("T01", "T02", "T11", "T15")
"""How the codes begin of what is no payment: fees, conversions, reversals of what was paid, holds and their ends."""
_DONE = frozenset({"S", "P"})


class Transactions:
    """Reads them; PayPal shows one some hours after it happened."""

    def __init__(self, client: httpx.AsyncClient, url: str, tokens: Tokens) -> None:
        self._client = client
        self._url = url
        self._tokens = tokens

    async def debits(self, since: datetime, until: datetime) -> AsyncIterator[Debit]:
        """Payments out of the balance between two instants. Raises EvidenceUnavailable."""
        while since < until:
            end = min(since + LONGEST_RANGE, until)
            number, pages = 1, 1
            while number <= pages:
                page = await self._page(since, end, number)
                try:
                    pages = int(page.get("total_pages") or 1)
                    found = [detail["transaction_info"] for detail in page["transaction_details"]]
                except (KeyError, TypeError, ValueError):
                    raise EvidenceUnavailable("transactions: cannot be read") from None
                if pages > MOST_PAGES:
                    raise EvidenceUnavailable("transactions: too many")
                for info in found:
                    debit = as_debit(info)
                    if debit is not None:
                        yield debit
                number += 1
            since = end

    async def _page(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        asked: dict[str, str | int] = {
            "start_date": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "end_date": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "fields": "transaction_info",
            "page_size": PAGE_SIZE,
            "page": number,
        }
        try:
            answer = await self._client.get(self._url + PATH, params=asked, headers=await self._tokens.bearer())
            document = answer.json() if answer.status_code == 200 else None
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"transactions: {type(error).__name__}") from None
        except ValueError:
            document = None
        if answer.status_code == 401:
            self._tokens.forget()
        if not isinstance(document, dict):
            raise EvidenceUnavailable(f"transactions: HTTP {answer.status_code}")
        return document


def as_debit(info: Mapping[str, Any]) -> Debit | None:
    """A payment out of the balance; None for whatever else moved it. Raises EvidenceUnavailable."""
    try:
        amount, code = info["transaction_amount"], str(info["transaction_event_code"])
        value = str(amount["value"])
        if not value.startswith("-") or code.startswith(NO_DEBIT) or info.get("transaction_status") not in _DONE:
            return None
        money = Money.parse(value[1:], str(amount["currency_code"]), field="value")
        transaction_id = str(info["transaction_id"])
        made_at = datetime.fromisoformat(str(info["transaction_initiation_date"]))
    except (InvalidInput, KeyError, TypeError, ValueError):
        raise EvidenceUnavailable("transactions: one that cannot be read") from None
    return Debit(
        source="paypal",
        rail="paypal",
        id=transaction_id,
        names=frozenset({transaction_id}),
        text="",
        amount=money.minor_units,
        currency=money.currency,
        made_at=made_at,
        shown={
            "transfer_id": transaction_id,
            "amount": money.decimal_text(),
            "currency": money.currency,
            "code": code,
            "created_at": made_at.isoformat(),
        },
    )
