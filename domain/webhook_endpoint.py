"""What may be the address of a webhook endpoint, and how long a failed delivery waits before the next try."""

from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from domain.errors import InvalidInput
from domain.network_address import is_public

LONGEST_URL = 500
FIELD = "/url"

_PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
)
LONGEST_ENDPOINT_PAUSE = timedelta(minutes=15)


def pause_after(failures: int) -> timedelta:
    """How long one event waits after its n-th failure; the last pause is repeated."""
    return _PAUSES[min(max(failures, 1), len(_PAUSES)) - 1]


def endpoint_pause_after(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row: 15 minutes at most."""
    return min(pause_after(failures), LONGEST_ENDPOINT_PAUSE)


def require_webhook_url(url: str, *, live: bool) -> None:
    """Raise InvalidInput for an address that is none, or that events may not go to.

    In the live environment that is everything but https, and addresses inside of networks. What a name resolves to is
    looked at when something is sent.
    """
    parts = _split(url)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("Must hold no user, password or fragment.")
    if live and parts.scheme != "https":
        raise _refused("Must begin with https://.")
    if live and not _may_be_public(parts.hostname or ""):
        raise _refused("Must be an address of the public internet.")


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused(f"Must be at most {LONGEST_URL} printable ASCII characters without blanks.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("Is not a web address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise _refused("Is not a web address.")
    return parts


def _may_be_public(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")
    return is_public(host)


def _refused(message: str) -> InvalidInput:
    return InvalidInput(FIELD, message, code="invalid_url")
