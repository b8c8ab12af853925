"""The PayPal rail: one batch of one item per payout. `sender_batch_id` is our reference, which PayPal takes once.

A repeat within thirty days is not replayed: PayPal refuses it and names the batch that it has, which is then read.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import EvidenceUnavailable, Gate, NotSent, Operation, send_once
from rails.listed import Debit
from rails.paypal.answer import LARGEST_ANSWER_BYTES, classify, classify_batch, document_of, existing_batch
from rails.paypal.token import Tokens
from rails.paypal.transactions import Transactions

PATH = "/v1/payments/payouts"


class PayPalRail:
    """Payouts from our PayPal balance. `key_safe_days`: how long a sender_batch_id may go again; PayPal keeps it 30."""

    name = "paypal"
    operations: Mapping[str, Operation] = {"payout": Operation("payout", "repeatable_key")}

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        tokens: Tokens,
        *,
        timeout_seconds: float,
        settling_delay_seconds: float,
        key_safe_days: int,
        business_now: Callable[[], Awaitable[datetime]],
    ) -> None:
        self._client = client
        self._url = url
        self._tokens = tokens
        self._timeout_seconds = timeout_seconds
        self.settling_delay_seconds = settling_delay_seconds
        self._key_safe = timedelta(days=key_safe_days)
        self._business_now = business_now
        self._transactions = Transactions(client, url, tokens)

    async def ready(self, call: MoneyCall) -> None:
        """A token, before the call is said to be on its way. Raises EvidenceUnavailable when PayPal gives none."""
        await self._tokens.bearer()

    async def send(self, call: MoneyCall, gate: Gate) -> Outcome:
        """Post the batch; where PayPal has it already, read it."""
        try:
            bearer = await self._tokens.bearer()
        except EvidenceUnavailable as error:
            raise NotSent(str(error)) from None
        request = self._client.build_request("POST", self._url + PATH, json=_batch(call), headers=bearer)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await send_once(self._client, request, gate, longest_bytes=LARGEST_ANSWER_BYTES)
        except NotSent:
            raise
        except TimeoutError:
            return Outcome("unknown", "timeout", "PayPal did not answer in time.")
        except (httpx.HTTPError, OSError) as error:
            return Outcome("unknown", "no_answer", f"The answer was lost ({type(error).__name__}).")
        if answer.status == 401:
            # a token that ended early: PayPal did nothing, and the repeat under the same key asks for another
            self._tokens.forget()
        outcome = classify(call, answer.status, answer.body)
        batch_id = existing_batch(outcome, answer.body)
        return outcome if batch_id is None else await self._existing(call, batch_id, outcome)

    async def find(self, call: MoneyCall) -> Finding:
        """While its sender_batch_id is safe the batch may go again; after that PayPal has no list to find it in."""
        if call.first_sent_at is None or await self._business_now() < call.first_sent_at + self._key_safe:
            return Finding("send_again")
        return Finding("cannot_tell", evidence={"why": "PayPal keeps a sender_batch_id for thirty days and lists none"})

    async def _existing(self, call: MoneyCall, batch_id: str, said: Outcome) -> Outcome:
        try:
            batch = await self.batch(batch_id)
        except EvidenceUnavailable:
            return said
        if batch is None:
            return said
        outcome = classify_batch(call, batch)
        return said if outcome.state == "unknown" else outcome

    async def debits(self, since: datetime) -> AsyncIterator[Debit]:
        """Payments out of our balance since then, whoever made them. Raises EvidenceUnavailable."""
        async for debit in self._transactions.debits(since, await self._business_now()):
            yield debit

    async def batch(self, batch_id: str) -> Mapping[str, Any] | None:
        """A batch with its items; None when PayPal has none of that id. Raises EvidenceUnavailable."""
        try:
            answer = await self._client.get(f"{self._url}{PATH}/{batch_id}", headers=await self._tokens.bearer())
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"paypal: {type(error).__name__}") from None
        document = document_of(answer.content)
        if answer.status_code == 200 and document is not None:
            return document
        if answer.status_code == 401:
            self._tokens.forget()
        if answer.status_code == 404 and document is not None and document.get("name") == "RESOURCE_NOT_FOUND":
            return None
        raise EvidenceUnavailable(f"paypal: HTTP {answer.status_code}")


def _batch(call: MoneyCall) -> dict[str, Any]:
    asked = call.request
    return {
        "sender_batch_header": {"sender_batch_id": call.rail_reference, "email_subject": asked["email_subject"]},
        "items": [
            {
                "recipient_type": "EMAIL",
                "amount": {"value": asked["value"], "currency": asked["currency"]},
                "receiver": asked["receiver"],
                "note": asked["note"],
                "sender_item_id": call.rail_reference[:63],
            }
        ],
    }
