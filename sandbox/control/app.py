"""Assembles the control server. Its OpenAPI page is at /docs."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.control import chek, clock, column, column_webhooks, epx, faults, mailbox, observation, paypal
from sandbox.control.inside import SCOPE, Inside
from sandbox.switchboard import Switchboard
from sandbox.world import World

_PARTS = (observation, faults, clock, epx, chek, column, column_webhooks, paypal, mailbox)
_ROUTES = FastAPI(title="Sandbox control", version="1", redoc_url=None)
for _part in _PARTS:
    _ROUTES.include_router(_part.routes)


def create_app(world: World, switchboard: Switchboard) -> ASGIApp:
    inside = Inside(world, switchboard)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope[SCOPE] = inside
        await _ROUTES(scope, receive, send)

    return app
