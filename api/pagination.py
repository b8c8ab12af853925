"""Lists as pages, newest first: ``{data, has_more, next_cursor}``. Cursors are signed and belong to one list.

Ids are UUIDv7, so the id of a page's last row is a stable place in time: rows that come later move nothing.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request

from api.auth import Asker
from api.context import Context
from api.fields import ResponseModel
from api.request_id import route_of
from domain.errors import InvalidInput

_ID_BYTES = 16
_TAG_BYTES = 16
Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(ResponseModel, Generic[Item]):
    """A part of a list."""

    data: list[Item]
    has_more: bool
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted."""

    limit: int
    after: UUID | None
    """The id of the last row that the caller has; the page starts with the next older one."""
    _signing_key: bytes
    _list: str

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than the page holds tells whether there are more."""
        return self.limit + 1

    def page(self, rows: Sequence[Row], show: Callable[[Row], Item], id_of: Callable[[Row], UUID]) -> Page[Item]:
        """The answer, from up to `fetch` rows in falling order of id, all below `after`."""
        shown = rows[: self.limit]
        has_more = len(rows) > self.limit
        cursor = _encode(self._signing_key, self._list, id_of(shown[-1])) if has_more else None
        return Page(data=[show(row) for row in shown], has_more=has_more, next_cursor=cursor)


async def paging(
    request: Request,
    asker: Asker,
    context: Context,
    limit: Annotated[int, Query(ge=1, le=200, description="most items of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
) -> Paging:
    """The dependency of every list."""
    signing_key = context.database.keyring.signing_key("cursor")
    name = f"{asker.organization_id}:{route_of(request.scope)}"
    after = None if cursor is None else _decode(signing_key, name, cursor)
    return Paging(limit, after, signing_key, name)


Pages = Annotated[Paging, Depends(paging)]


def _encode(signing_key: bytes, name: str, last: UUID) -> str:
    return urlsafe_b64encode(last.bytes + _tag(signing_key, name, last.bytes)).decode().rstrip("=")


def _decode(signing_key: bytes, name: str, cursor: str) -> UUID:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (NotBase64, ValueError):
        raw = b""
    last, tag = raw[:_ID_BYTES], raw[_ID_BYTES:]
    if not hmac.compare_digest(tag, _tag(signing_key, name, last)):
        raise InvalidInput("cursor", "Must be the next_cursor of a page of this list.", code="invalid_cursor")
    return UUID(bytes=last)


def _tag(signing_key: bytes, name: str, last: bytes) -> bytes:
    return hmac.digest(signing_key, name.encode() + b"\0" + last, sha256)[:_TAG_BYTES]
