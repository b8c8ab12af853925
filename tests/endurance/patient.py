"""A caller of the API who does not give up: the same request under the same key until it is answered for good."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

PATIENCE_SECONDS = 120.0
"""Longer than any server of a run is away, and longer than an Idempotency-Key is held by a request that died."""
LONGEST_PAUSE_SECONDS = 1.0
LATER = frozenset({429, 503})
STILL_RUNNING = "request_still_running"
KEY = "Idempotency-Key"
UNDER_NO_KEY = re.compile(r"/v1/sandbox/.*|/v1/money-calls/[^/]+/confirm|/v1/reports/[^/]+/wire-confirm")
"""They make nothing: a clock is moved, and a call is settled once, whoever confirms again."""
SENT = ("authorization", "content-type", KEY)


@dataclass(frozen=True)
class Acknowledged:
    """A request that was answered 2xx: it may not be lost any more."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes
    key: str
    status: int
    answer: bytes


@dataclass
class Diary:
    """What the callers saw of the API."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)
    """Why requests were sent again."""
    faults: list[str] = field(default_factory=list)
    """Answers that no caller should ever get."""
    seconds: list[float] = field(default_factory=list)
    """From the first try of each POST to its answer."""


class Patient(httpx.AsyncBaseTransport):
    """Sends again what broke off, or is to be sent later, and writes down what was acknowledged."""

    def __init__(self, inner: httpx.AsyncBaseTransport, diary: Diary) -> None:
        self._inner = inner
        self._diary = diary

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        while True:
            try:
                answer = await self._inner.handle_async_request(request)
                content = await answer.aread()
                why, pause = _later(answer)
            except httpx.TransportError as broken:
                answer, why, pause = None, type(broken).__name__, 0.2
            if answer is not None and not why:
                self._note(request, answer, content, time.monotonic() - began)
                return answer
            self._diary.repeated[why] += 1
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise TimeoutError(f"{request.method} {request.url.path} was not answered: {why}")
            await asyncio.sleep(pause)

    def _note(self, request: httpx.Request, answer: httpx.Response, content: bytes, seconds: float) -> None:
        if answer.status_code >= 500 or answer.status_code in LATER:
            self._diary.faults.append(f"{request.method} {request.url.path}: {answer.status_code} {content[:300]!r}")
        if request.method != "POST":
            return
        self._diary.seconds.append(seconds)
        if answer.is_success and not UNDER_NO_KEY.fullmatch(request.url.path):
            headers = tuple((name, request.headers[name]) for name in SENT if name in request.headers)
            self._diary.acknowledged.append(
                Acknowledged(
                    request.method,
                    str(request.url),
                    headers,
                    request.content,
                    request.headers[KEY],
                    answer.status_code,
                    content,
                )
            )

    async def aclose(self) -> None:
        await self._inner.aclose()


def _later(answer: httpx.Response) -> tuple[str, float]:
    """Why it is to be sent again and after how many seconds; nothing when this is the answer."""
    if answer.status_code in LATER:
        told = answer.headers.get("Retry-After")
        if told is not None:
            return str(answer.status_code), min(float(told), LONGEST_PAUSE_SECONDS)
    if answer.status_code == 409 and STILL_RUNNING in answer.text:
        return STILL_RUNNING, LONGEST_PAUSE_SECONDS
    return "", 0.0
