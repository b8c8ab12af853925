"""The Temporal web UI may call the codec from its own origin, with cookies; no other page may read an answer."""

from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/codec/"
_PREFLIGHT_SECONDS = 600


def origin_of(url: str) -> str:
    """The origin of a web address, for example ``http://127.0.0.1:8233``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class CodecCors:
    """ASGI middleware that answers preflight requests of one origin for the codec, and marks its answers."""

    def __init__(self, app: ASGIApp, ui_url: str) -> None:
        """Wrap the application; `ui_url` is where browsers reach the Temporal web UI."""
        self._app = app
        self._cors = CORSMiddleware(
            app,
            allow_origins=[origin_of(ui_url)],
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type", "X-Namespace"],
            allow_credentials=True,
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        app = self._cors if scope["type"] == "http" and scope["path"].startswith(PREFIX) else self._app
        await app(scope, receive, send)
