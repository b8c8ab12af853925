"""/v1/webhooks/{source}: what rails tell us. Verified, stored, and only then answered 2xx; processed later.

No API key: the signature over the raw body is the proof. Whatever keeps a message from being stored is answered with an
error, so that the rail sends it again.
"""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from activities.inbox_sources import webhook_sources
from activities.inbox_store import InboxStore
from api.context import Context
from api.problems import documented_alone
from domain.errors import NotFound

routes = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


class Stored(BaseModel):
    """The message is stored. `new` is false for one that was stored before."""

    stored: bool = True
    new: bool


@routes.post("/{source}", responses=documented_alone(401, 404, 413, 422, 503))
async def receive(source: str, request: Request, context: Context) -> Stored:
    """Take in a signed message of a rail."""
    known = webhook_sources(context.settings).get(source)
    if known is None:
        raise NotFound("webhook source")
    received = await known.receive(request.headers, await request.body())
    return Stored(new=await InboxStore(context.database).store(received))
