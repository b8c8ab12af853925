"""Reading the mail that was sent."""

from typing import Any

from fastapi import APIRouter, HTTPException, Query, Response

from sandbox.control.inside import MailboxHere

routes = APIRouter(prefix="/mailbox", tags=["mailbox"])


@routes.get("/messages")
async def messages(
    mailbox: MailboxHere,
    to: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    after: int = 0,
    limit: int = Query(100, ge=1, le=1000),
) -> dict[str, Any]:
    """In order of receipt. ``to`` is a whole address; ``subject`` and ``text`` match any part."""
    return {"data": mailbox.found(to=to, subject=subject, text=text, after=after, limit=limit)}


@routes.get("/messages/{message_id}/raw")
async def raw(mailbox: MailboxHere, message_id: int) -> Response:
    found = mailbox.raw(message_id)
    if found is None:
        raise HTTPException(404, "no such message")
    return Response(found, media_type="message/rfc822")


@routes.delete("/messages", status_code=204)
async def clear(mailbox: MailboxHere) -> None:
    mailbox.clear()
