"""What a rail is: an outside system that moves money, asked once per money call.

A rail knows its wire format and which answers prove something. It never decides whether to send: the money call does.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from domain.money_call import Finding, MoneyCall, Outcome, Strategy
from domain.tls import trusted
from settings_fields import RailSettings

Gate = Callable[[], Awaitable[None]]
"""Called just before the first byte is written; raises DeadlinePassed when it is too late to write."""


class NotSent(Exception):  # noqa: N818 - a fact, not an error
    """No byte left this machine: the connection could not be made, or the gate was closed."""


class DeadlinePassed(NotSent):
    """The sender woke after its send deadline: somebody else may be finding out already."""


class EvidenceUnavailable(Exception):  # noqa: N818 - a fact, not an error
    """The rail did not answer a question that moves nothing; ask again later."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of request of a rail, and how it is found out what became of one."""

    name: str
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line of a partner's own book, to be held against ours. `amount` in minor units."""

    rail_reference: str
    rail_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was read before a send: `agrees` is whether it equals what the call expects."""

    agrees: bool
    evidence: Mapping[str, Any]


class Rail(Protocol):
    """An outside system that moves money."""

    name: str

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What the rail can be asked, by name."""

    settling_delay_seconds: float
    """How long after a send deadline the partner may still be working on the request."""

    async def ready(self, call: MoneyCall) -> Readiness | None:
        """Read what must be read before a send (balances), or None where the rail needs nothing."""

    async def send(self, call: MoneyCall, gate: Gate) -> Outcome:
        """Send the frozen request once: no retries, no redirects. Raises NotSent only when no byte left.

        The first byte is written only after `gate()` returned. Every doubt is an Outcome `unknown`, never an exception.
        """

    async def find(self, call: MoneyCall) -> Finding:
        """Ask what became of a call that may have been sent; absence counts only after deadline and delay."""


def http_client(settings: RailSettings) -> httpx.AsyncClient:
    """A partner's own client: bounded in time, no proxies from the environment, no redirects, certificates checked."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(settings.http_timeout_seconds, connect=settings.connect_timeout_seconds),
        # shorter than servers commonly keep an idle connection (5 s and more): one that is closed just when it is used
        # again loses an answer that perhaps only a person can find out
        limits=httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=4),
        follow_redirects=False,
        trust_env=False,
        verify=trusted(),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its body cut one byte after the bound (so a longer one is never mistaken for a whole one)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def send_once(
    client: httpx.AsyncClient, request: httpx.Request, gate: Gate, *, longest_bytes: int = 256 * 1024
) -> Answer:
    """Send a request exactly once, checking the gate between having a connection and writing the first byte.

    Raises NotSent when there was no connection, or the gate's own error; any other httpx.HTTPError or OSError means
    that the request may have arrived.
    """

    async def trace(event: str, _info: Mapping[str, Any]) -> None:
        if event in {"http11.send_request_headers.started", "http2.send_request_headers.started"}:
            await gate()

    request.extensions["trace"] = trace
    try:
        answer = await client.send(request, follow_redirects=False, stream=True)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotSent(type(error).__name__) from None
    try:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > longest_bytes:
                break
        return Answer(answer.status_code, answer.headers, bytes(body[: longest_bytes + 1]))
    finally:
        await answer.aclose()
