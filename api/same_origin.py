"""Where a browser says that a request comes from, so that a page of somebody else cannot use an operator's cookie.

Browsers send these headers and no page can forge them; programs that are not browsers send no cookie by themselves.
"""

from urllib.parse import urlsplit

from fastapi import Request


def is_from_our_pages(request: Request) -> bool:
    """Whether the request comes from a page of this API, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
