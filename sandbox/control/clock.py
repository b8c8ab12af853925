"""The business clock: read it, and move it forward through everything that falls due on the way."""

from fastapi import APIRouter, HTTPException

from sandbox.control.inside import WorldHere
from sandbox.control.schemas import Advance, ClockView
from sandbox.world import World

routes = APIRouter(prefix="/clock", tags=["clock"])


@routes.get("")
async def read(world: WorldHere) -> ClockView:
    return _view(world)


@routes.post("/advance")
async def advance(world: WorldHere, body: Advance) -> ClockView:
    """Returns after settlement and after each webhook that became due was tried once."""
    try:
        await world.advance(body.target(world.clock.now()))
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, str(error)) from None
    return _view(world)


@routes.post("/settle-due")
async def settle_due(world: WorldHere) -> ClockView:
    """Do what fell due by the mere passing of time."""
    await world.tick()
    return _view(world)


def _view(world: World) -> ClockView:
    return ClockView(now=world.clock.now(), offset_seconds=world.clock.offset.total_seconds())
