"""One POST to a webhook endpoint: bounded in time, no redirects, and in the live environment to public addresses only.

Names are resolved here and the connection is made to the address that was looked at, so that a name cannot mean one
address when it is checked and another when it is used. TLS is still verified against the name.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from domain.errors import InvalidInput
from domain.network_address import is_public
from domain.tls import trusted
from domain.webhook_endpoint import require_webhook_url

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
RESOLVERS = 16
_MOST_ADDRESSES = 3

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What the receiver answered, if it did; `problem` is null when it took the event."""

    status: int | None
    problem: str | None


class WebhookSender:
    """Sends; holds no connection between two sends, because receivers behind one address may be different people."""

    def __init__(
        self, client: httpx.AsyncClient, *, live: bool, resolve: Resolve, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        self._client = client
        self._live = live
        self._resolve = resolve
        self._total_seconds = total_seconds

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Send once. Whatever goes wrong is an answer too."""
        try:
            require_webhook_url(url, live=self._live)
            async with asyncio.timeout(self._total_seconds):
                return await self._post(httpx.URL(url), headers, body)
        except (InvalidInput, httpx.InvalidURL, UnicodeError):
            return Sent(None, "address_not_allowed")
        except (TimeoutError, httpx.TimeoutException):
            return Sent(None, "timeout")
        except OSError:
            return Sent(None, "name_not_resolved")
        except httpx.HTTPError:
            return Sent(None, "broken_answer")

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Sent:
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._resolve(url.host, port)
        if self._live and not all(is_public(address) for address in addresses):
            return Sent(None, "address_not_allowed")
        for address in addresses[:_MOST_ADDRESSES]:
            request = self._client.build_request(
                "POST",
                url.copy_with(host=address),
                headers={**headers, "Host": url.netloc.decode("ascii")},
                content=body,
                extensions={"sni_hostname": url.host},
            )
            try:
                # the answer's body is never read: it is nobody's business here, and may have no end
                answer = await self._client.send(request, stream=True, follow_redirects=False)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            await answer.aclose()
            return Sent(answer.status_code, _problem(answer.status_code))
        return Sent(None, "not_reachable")


def _resolver(threads: Executor) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(threads, look)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    return resolve


@asynccontextmanager
async def open_sender(*, live: bool) -> AsyncIterator[WebhookSender]:
    """A sender over real connections."""
    # threads of its own: names that do not resolve keep the loop's few threads from nobody else
    threads = ThreadPoolExecutor(RESOLVERS, "webhook-names")
    try:
        async with httpx.AsyncClient(
            trust_env=False,
            verify=trusted(),
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": "Bursar-Webhooks/1"},
        ) as client:
            yield WebhookSender(client, live=live, resolve=_resolver(threads))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _problem(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    return f"answered_{status}" if status < 300 or status >= 400 else "redirected"
