"""Chek's pages."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request

from sandbox.books import Row
from sandbox.chek.errors import ChekError

PAGE_SIZE = 25


def page(request: Request, rows: Sequence[Row], document: Callable[[Row], dict[str, Any]]) -> dict[str, Any]:
    """One page of ``rows``; ``page`` counts from one."""
    number, size = (_positive(request, "page", 1), min(_positive(request, "page_size", PAGE_SIZE), 100))
    pages = max(1, -(-len(rows) // size))
    if number > pages:
        raise ChekError(404, "invalid_page", "Invalid page.")

    def link(target: int) -> str | None:
        return str(request.url.include_query_params(page=target)) if 1 <= target <= pages else None

    return {
        "next": link(number + 1),
        "previous": link(number - 1),
        "count": len(rows),
        "page_size": size,
        "page_count": pages,
        "results": [document(row) for row in rows[(number - 1) * size : number * size]],
    }


def _positive(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or len(value) > 9 or int(value) < 1:
        raise ChekError(404, "invalid_page", "Invalid page.")
    return int(value)
