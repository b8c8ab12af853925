"""The outermost catch: a fault of ours becomes a problem document and one log line without any value in it.

The framework would print the exception, and a database driver's exception text can hold values of a row: only types and
places are logged.
"""

import traceback
from pathlib import Path

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_problem, problem_of
from db.outage import is_outage
from domain.errors import Unavailable

log = structlog.get_logger()


class LastResort:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer for it when it fails."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:  # noqa: BLE001 - the outermost catch
            away = is_outage(error)
            log.error("request_failed", error=type(error).__name__, outage=away, where=places(error))
            if started:
                # the answer is half written: only a broken connection tells the caller
                raise ConnectionAbortedError("the answer was cut off by a fault") from None
            request = Request(scope)
            answer = (
                problem_of(request, Unavailable("The database is away.", retry_after=5))
                if away
                else internal_problem(request)
            )
            await answer(scope, receive, send)


def places(error: BaseException) -> list[str]:
    """Where it happened, innermost last: file, line and function, never a value."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
