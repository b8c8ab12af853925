"""Column's lists: what was made since an instant; a transfer by our reference (its description), or by its id."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.money_call import Finding, MoneyCall
from rails.base import EvidenceUnavailable
from rails.column.answer import classify_transfer

PAGE_LIMIT = 100
LONGEST_LISTING_PAGES = 500
CLOCKS_APART = timedelta(days=1)
_NO_SUCH_TRANSFER = frozenset(f"{kind}_transfer_not_found" for kind in ("book", "ach", "check"))


class Listing:
    """Reads `GET <path>` page by page, newest first."""

    def __init__(self, client: httpx.AsyncClient, url: str, auth: httpx.Auth, *, timeout_seconds: float) -> None:
        self._client = client
        self._url = url
        self._auth = auth
        self._timeout_seconds = timeout_seconds

    async def find(self, call: MoneyCall, path: str) -> Finding:
        """`applied` when the list shows the transfer as asked for; that it shows none proves nothing by contract."""
        matches = [
            transfer
            async for transfer in self.since(path, call.first_sent_at)
            if transfer.get("description") == call.rail_reference
        ]
        if len(matches) == 1:
            outcome = classify_transfer(call, matches[0])
            if outcome.state == "applied":
                return Finding("applied", outcome, evidence=outcome.evidence)
            return Finding("cannot_tell", evidence={"why": outcome.message, **outcome.evidence})
        return Finding("cannot_tell", evidence={"why": f"Column lists {len(matches)} transfers with our reference"})

    async def since(self, path: str, first: datetime | None) -> AsyncIterator[Mapping[str, Any]]:
        """Every transfer made since an instant (less a day, for clocks apart); all of them without one."""
        after: str | None = None
        for _ in range(LONGEST_LISTING_PAGES):
            page, more = await self._page(path, after)
            for transfer in page:
                yield transfer
            if not page or not more or (first is not None and made_at(page[-1]) < first - CLOCKS_APART):
                return
            after = str(page[-1]["id"])
        raise EvidenceUnavailable("listing: too long")

    async def one(self, path: str, transfer_id: str) -> Mapping[str, Any] | None:
        """One transfer; None when Column has none of that id. Raises EvidenceUnavailable."""
        try:
            answer = await self._client.get(
                f"{self._url}{path}/{transfer_id}",
                auth=self._auth,
                follow_redirects=False,
                timeout=self._timeout_seconds,
            )
            document = answer.json()
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"transfer: {type(error).__name__}") from None
        except ValueError:
            raise EvidenceUnavailable(f"transfer: HTTP {answer.status_code}") from None
        if isinstance(document, dict) and answer.status_code == 200 and document.get("id") == transfer_id:
            return document
        # an error object: a proxy's page that says 404 proves nothing
        if answer.status_code == 404 and isinstance(document, dict) and document.get("code") in _NO_SUCH_TRANSFER:
            return None
        raise EvidenceUnavailable(f"transfer: HTTP {answer.status_code}")

    async def _page(self, path: str, after: str | None) -> tuple[list[dict[str, Any]], bool]:
        parameters: dict[str, str | int] = {"limit": PAGE_LIMIT}
        if after is not None:
            parameters["starting_after"] = after
        try:
            answer = await self._client.get(
                self._url + path,
                params=parameters,
                auth=self._auth,
                follow_redirects=False,
                timeout=self._timeout_seconds,
            )
            document = answer.json() if answer.status_code == 200 else {}
            return list(document["transfers"]), bool(document["has_more"])
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"listing: {type(error).__name__}") from None
        except (ValueError, TypeError, KeyError):
            raise EvidenceUnavailable(f"listing: HTTP {answer.status_code}") from None


def made_at(transfer: Mapping[str, Any]) -> datetime:
    """When a transfer was made. Raises EvidenceUnavailable."""
    try:
        return datetime.fromisoformat(str(transfer["created_at"]))
    except (ValueError, KeyError):
        raise EvidenceUnavailable("listing: a transfer without an instant") from None
