"""Sessions of operators at a browser: a signed cookie that names the key they logged in with and when it ends.

Nothing is stored: the key is looked up at each use, so revoking it ends its sessions at once. A session opens what a
browser needs: payloads in the Temporal web UI, and looking at what its links lead to. Doing something needs the key.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from api.context import ApiContext
from db.crypto.keyring import Keyring
from domain.clock import SystemClock

LASTS = timedelta(hours=8)
_ID_BYTES = 16
_END_BYTES = 8
_PURPOSE = "session"


@dataclass(frozen=True, slots=True)
class Session:
    """Who logged in (by key), and until when."""

    key_id: UUID
    ends_at: datetime


def session_of(request: Request, context: ApiContext) -> Session | None:
    """The session of this request, if its cookie is whole and has not ended; its key may have been revoked since."""
    cookie = request.cookies.get(_name(context))
    session = None if cookie is None else _read(context.database.keyring, cookie)
    return session if session is not None and session.ends_at > SystemClock().now() else None


def begin_session(response: Response, context: ApiContext, key_id: UUID) -> None:
    """Have the browser keep a new session."""
    ends_at = SystemClock().now() + LASTS
    signed = key_id.bytes + int(ends_at.timestamp()).to_bytes(_END_BYTES, "big")
    # without the padding, whose = would have the cookie quoted
    value = urlsafe_b64encode(signed + _tag(context.database.keyring, signed)).decode().rstrip("=")
    response.set_cookie(
        _name(context),
        value,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=_over_tls(context),
        httponly=True,
        samesite="lax",
    )


def end_session(response: Response, context: ApiContext) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(_name(context), path="/", secure=_over_tls(context), httponly=True, samesite="lax")


def _read(keyring: Keyring, cookie: str) -> Session | None:
    try:
        raw = urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
    except (NotBase64, ValueError):
        return None
    signed, tag = raw[: _ID_BYTES + _END_BYTES], raw[_ID_BYTES + _END_BYTES :]
    if not hmac.compare_digest(tag, _tag(keyring, signed)):
        return None
    ends_at = datetime.fromtimestamp(int.from_bytes(signed[_ID_BYTES:], "big"), UTC)
    return Session(UUID(bytes=signed[:_ID_BYTES]), ends_at)


def _tag(keyring: Keyring, signed: bytes) -> bytes:
    return hmac.digest(keyring.signing_key(_PURPOSE), signed, sha256)


def _over_tls(context: ApiContext) -> bool:
    return context.settings.api.public_url.startswith("https://")


def _name(context: ApiContext) -> str:
    # the prefix makes browsers refuse the cookie from anybody but this very host, over TLS
    return "__Host-bursar_session" if _over_tls(context) else "bursar_session"
