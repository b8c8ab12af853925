"""The Column rail: book transfers, outgoing ACH transfers and checks under idempotency keys (HTTP basic auth).

Our reference is the Idempotency-Key and, so that the transfer can be found by it, also the description.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import httpx

from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import Gate, NotSent, Operation, send_once
from rails.column.answer import LARGEST_ANSWER_BYTES, classify
from rails.column.listing import Listing
from rails.column.operations import CHECK_STOP, STRATEGIES, TRANSFERS
from rails.column.stop import find_stop, path_of


class ColumnRail:
    """Transfers at Column. `key_safe_days`: how long a request may be sent again under its key (keys live 30 days)."""

    name = "column"
    operations: Mapping[str, Operation] = {name: Operation(name, how) for name, how in STRATEGIES.items()}

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        api_key: str,
        *,
        timeout_seconds: float,
        settling_delay_seconds: float,
        key_safe_days: int,
        business_now: Callable[[], Awaitable[datetime]],
    ) -> None:
        self._client = client
        self._url = url
        self._auth = httpx.BasicAuth("", api_key)
        self._timeout_seconds = timeout_seconds
        self.settling_delay_seconds = settling_delay_seconds
        self._key_safe = timedelta(days=key_safe_days)
        self._business_now = business_now
        self.listing = Listing(client, url, self._auth, timeout_seconds=timeout_seconds)

    async def ready(self, call: MoneyCall) -> None:
        """Nothing is read before a send: the key makes a repeat safe."""

    async def send(self, call: MoneyCall, gate: Gate) -> Outcome:
        """Post the frozen form under the call's key."""
        if call.operation == CHECK_STOP:
            path, form = path_of(call), {"reason": call.request["reason"]}
        else:
            path, form = TRANSFERS[call.operation].path, {**call.request, "description": call.rail_reference}
        request = self._client.build_request(
            "POST", self._url + path, data=form, headers={"Idempotency-Key": call.rail_reference}
        )
        # basic authentication is one header: the flow has this one step
        request = next(self._auth.sync_auth_flow(request))
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await send_once(self._client, request, gate, longest_bytes=LARGEST_ANSWER_BYTES)
        except NotSent:
            raise
        except TimeoutError:
            return Outcome("unknown", "timeout", "Column did not answer in time.")
        except (httpx.HTTPError, OSError) as error:
            return Outcome("unknown", "no_answer", f"The answer was lost ({type(error).__name__}).")
        return classify(call, answer.status, answer.body)

    async def find(self, call: MoneyCall) -> Finding:
        """While its key is safe the request may go again; after that the transfer is looked up in Column's list.

        Whether a check is stopped, the check says.
        """
        if call.operation == CHECK_STOP:
            return await find_stop(self._client, self._url, self._auth, call)
        # keys expire by the partner's own clock, which in the sandbox is ahead of the machine's
        if call.first_sent_at is None or await self._business_now() < call.first_sent_at + self._key_safe:
            return Finding("send_again")
        return await self.listing.find(call, TRANSFERS[call.operation].listing)
