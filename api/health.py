"""Is the process alive, and can it serve? For load balancers and `bursar up`; no key needed."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from temporalio.service import RPCError

from api.context import ApiContext, Context
from api.problems import documented_alone
from domain.errors import Unavailable

_PATIENCE_SECONDS = 3

health = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Requests can be served. Without Temporal they are still taken: workflows start when it is back."""

    status: Literal["ok"] = "ok"
    database: Literal["ok"] = "ok"
    temporal: Literal["ok", "away"]


@health.get("/healthz")
async def healthz() -> Alive:
    """Whether the process is alive."""
    return Alive()


@health.get("/readyz", responses=documented_alone(503))
async def readyz(context: Context) -> Ready:
    """Whether requests can be served: the database must answer."""
    try:
        # the way requests take: a connection that the server has ended is replaced, and is no reason to get none
        async with asyncio.timeout(_PATIENCE_SECONDS), context.database.across_organizations(actor="api/readyz"):
            pass
    except TimeoutError:
        raise Unavailable("The database does not answer.") from None
    return Ready(temporal="ok" if await _temporal_answers(context) else "away")


async def _temporal_answers(context: ApiContext) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await context.temporal.service_client.check_health()
    except (RPCError, RuntimeError, TimeoutError):  # a lazy client that cannot connect raises a bare RuntimeError
        return False
