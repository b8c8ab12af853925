"""As many requests at once as the process can serve; more are told at once to come back, and nothing of them is kept.

Without a bound every request that is too many makes all others slower, until each is answered after its caller has
given up. One that waits for a flow to settle (`Prefer: wait`) leaves its place meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem_of
from domain.errors import Unavailable

_PLACES = "bursar.places"
_ALWAYS = frozenset({"/healthz", "/readyz"})
"""A supervisor that hears nothing would end a process that is only busy."""


class _Places:
    """Those of one process."""

    def __init__(self, most: int) -> None:
        self.left = most


class Admission:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """Wrap the application; at most so many requests are in it at once."""
        self._app = app
        self._places = _Places(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while there is a place."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._places.left <= 0:
            refused = Unavailable("Too many requests at once.", retry_after=1, code="overloaded")
            await problem_of(Request(scope), refused)(scope, receive, send)
            return
        self._places.left -= 1
        scope[_PLACES] = self._places
        try:
            await self._app(scope, receive, send)
        finally:
            self._places.left += 1


@contextmanager
def place_kept(request: Request) -> Iterator[None]:
    """Keep the request's place for the block, which goes on after its answer: what it began is part of the load."""
    places: _Places | None = request.scope.get(_PLACES)
    if places is None:
        yield
        return
    places.left -= 1
    try:
        yield
    finally:
        places.left += 1


@contextmanager
def place_left(request: Request) -> Iterator[None]:
    """Leave the request's place to another one for the block, in which it does nothing but wait."""
    places: _Places | None = request.scope.get(_PLACES)
    if places is None:
        yield
        return
    places.left += 1
    try:
        yield
    finally:
        places.left -= 1
