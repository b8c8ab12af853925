"""Every trouble that webhooks can make: late, twice, in another order, or never."""

from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.column.errors import ColumnError
from sandbox.control.inside import ColumnHere
from sandbox.control.schemas import Body

routes = APIRouter(prefix="/column", tags=["column"])


class Webhook(Body):
    """What is absent stays as it is; an empty url stops delivery."""

    url: str | None = None
    secret: str | None = None
    delay_ms: int | None = Field(None, ge=0)
    retry_ms: int | None = Field(None, ge=1)


class Hold(Body):
    hold: bool


class Release(Body):
    order: Literal["created", "reversed"] = "created"


class Deliver(Body):
    copies: int = Field(1, ge=1, le=10)


@routes.put("/webhook")
async def configure(column: ColumnHere, body: Webhook) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True)
    for name, value in given.items():
        setattr(column.config, f"webhook_{name}", value or None if name == "url" else value)
    column.webhooks.wake()
    return {"url": column.config.webhook_url, "delay_ms": column.config.webhook_delay_ms}


@routes.post("/webhooks/hold")
async def hold(column: ColumnHere, body: Hold) -> dict[str, bool]:
    """Keep events back, or go on delivering them in order."""
    column.config.hold_webhooks = body.hold
    column.webhooks.wake()
    return {"hold": column.config.hold_webhooks}


@routes.post("/webhooks/release")
async def release(column: ColumnHere, body: Release) -> dict[str, int]:
    """Deliver what was held back, each once before this answers, and hold nothing any more."""
    column.config.hold_webhooks = False
    waiting = len(column.events.pending())
    await column.webhooks.flush(reverse=body.order == "reversed")
    return {"released": waiting}


@routes.get("/events")
async def events(column: ColumnHere, after: int = 0, limit: int = 1000) -> dict[str, Any]:
    """With each event's delivery. ``after`` is the number of the last one already seen."""
    return {"data": column.events.listed(after, limit)}


@routes.post("/events/{event_id}/deliver")
async def deliver(column: ColumnHere, event_id: str, body: Deliver) -> dict[str, Any]:
    """Send it now, also again, also while the rest is held back: duplicates and any order."""
    try:
        return {"answers": await column.webhooks.deliver(event_id, body.copies)}
    except ColumnError as error:
        raise HTTPException(404, error.document) from None
