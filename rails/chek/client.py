"""Chek over HTTP: the only place that knows its address, headers and bounds. Reads here, one POST for a money call.

Base `{url}/api/v1/account/{account}/`. `API-Key` always, `Write-Key` on every POST. No idempotency key exists, so
nothing is ever sent again by this client.
"""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx

from rails.base import Answer, EvidenceUnavailable, Gate, NotSent, send_once
from rails.chek.documents import (
    ChekPayout,
    ChekUser,
    UnreadableError,
    read_payments,
    read_payouts,
    read_programs,
    read_user,
    read_users,
)
from rails.chek.operations import Wire

LARGEST_ANSWER_BYTES = 512 * 1024
MOST_PAGES = 1_000


class ChekClient:
    """One account at Chek. `timeout_seconds` bounds a whole request, its answer's last byte included."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, account: str, *, api_key: str, write_key: str, timeout_seconds: float
    ) -> None:
        self._http = http
        self._base = f"{url}/api/v1/account/{account}/"
        self._api_key = api_key
        self._write_key = write_key
        self._timeout_seconds = timeout_seconds

    async def post(self, wire: Wire, gate: Gate) -> Answer:
        """Send one POST, once. Raises NotSent, TimeoutError, httpx.HTTPError or OSError."""
        request = self._http.build_request(
            "POST",
            self._base + wire.path,
            json=dict(wire.body),
            headers={"API-Key": self._api_key, "Write-Key": self._write_key, "Accept": "application/json"},
        )
        async with asyncio.timeout(self._timeout_seconds):
            return await send_once(self._http, request, gate, longest_bytes=LARGEST_ANSWER_BYTES)

    async def user(self, user_id: str) -> ChekUser:
        """A user with wallet balance, direct-pay status and cards. Raises EvidenceUnavailable."""
        try:
            return read_user(user_id, await self._get(f"users/{user_id}/"))
        except UnreadableError as error:
            raise EvidenceUnavailable(str(error)) from None

    async def users_of(self, email: str) -> list[str]:
        """Ids of the users with this e-mail, whatever its case. Raises EvidenceUnavailable.

        Chek's filter is not to be relied on: what it answers is compared here, and that nobody is there is believed
        only of the whole list.
        """
        found = await self._users(f"users/?email={quote(email, safe='')}&", email)
        return found or await self._users("users/?", email)

    async def _users(self, path: str, email: str) -> list[str]:
        found: dict[str, None] = {}
        for number in range(1, MOST_PAGES + 1):
            page = await self._get(f"{path}page={number}")
            try:
                listed = read_users(page)
                found |= {user: None for user, its in listed if its.casefold() == email.casefold()}
                if number >= page["page_count"]:
                    return list(found)
            except (UnreadableError, KeyError, TypeError):
                raise EvidenceUnavailable("chek: the list of users cannot be read") from None
        raise EvidenceUnavailable("chek: the list of users is too long")

    async def outbound_payments(self, direct_pay_id: str) -> dict[str, int | None] | None:
        """Ids of a bank account's outgoing payments, with amounts in cents where Chek tells them.

        None when the list is not of a shape that we can read. Raises EvidenceUnavailable.
        """
        return read_payments(await self._get(f"directpay_accounts/{direct_pay_id}/"))

    async def payouts(self, direct_pay_id: str) -> list[ChekPayout]:
        """A bank account's outgoing payments and what became of them. Raises EvidenceUnavailable."""
        try:
            return read_payouts(await self._get(f"directpay_accounts/{direct_pay_id}/"))
        except UnreadableError as error:
            raise EvidenceUnavailable(str(error)) from None

    async def program_balances(self) -> dict[str, int]:
        """What each programme has, in cents, by id. Raises EvidenceUnavailable."""
        balances: dict[str, int] = {}
        for number in range(1, MOST_PAGES + 1):
            page = await self._get(f"programs/?page={number}")
            try:
                balances |= read_programs(page)
                if number >= page["page_count"]:
                    break
            except (UnreadableError, KeyError, TypeError):
                raise EvidenceUnavailable("chek: the list of programmes cannot be read") from None
        return balances

    async def _get(self, path: str) -> Any:
        request = self._http.build_request(
            "GET", self._base + path, headers={"API-Key": self._api_key, "Accept": "application/json"}
        )
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await send_once(self._http, request, _open_gate, longest_bytes=LARGEST_ANSWER_BYTES)
        except (NotSent, TimeoutError, httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"chek: {type(error).__name__}") from None
        if answer.status != 200 or len(answer.body) > LARGEST_ANSWER_BYTES:
            raise EvidenceUnavailable(f"chek: HTTP {answer.status}")
        try:
            return json.loads(answer.body)
        except ValueError:
            raise EvidenceUnavailable("chek: not JSON") from None


async def _open_gate() -> None:
    """A question moves nothing: it is never too late for one."""
