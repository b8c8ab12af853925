"""Setting, listing, releasing and clearing faults."""

from dataclasses import asdict

from fastapi import APIRouter, HTTPException

from sandbox.control.inside import InsideHere, WorldHere
from sandbox.control.schemas import FaultMatch, FaultView, NewFault
from sandbox.faults import Fault, Match

routes = APIRouter(prefix="/faults", tags=["faults"])


@routes.post("", status_code=201)
async def add(inside: InsideHere, body: NewFault) -> FaultView:
    if body.partner not in inside.switchboard.names:
        raise HTTPException(404, f"no partner is called {body.partner}")
    fault = inside.world.faults.add(
        body.partner,
        body.kind,
        operation=body.operation,
        count=body.count,
        delay_ms=body.delay_ms,
        match=Match(body.match.reference, body.match.amount, body.match.last_four),
        skip=body.skip,
    )
    await inside.switchboard.apply()
    return _view(fault)


@routes.get("")
async def listed(world: WorldHere) -> dict[str, list[FaultView]]:
    return {"data": [_view(fault) for fault in world.faults.listed()]}


@routes.post("/{fault_id}/release")
async def release(world: WorldHere, fault_id: int) -> FaultView:
    """Let the calls go on that stand still at a pause, and all later ones."""
    fault = world.faults.get(fault_id)
    if fault is None:
        raise HTTPException(404, "no such fault")
    fault.released.set()
    return _view(fault)


@routes.delete("/{fault_id}", status_code=204)
async def remove(inside: InsideHere, fault_id: int) -> None:
    if inside.world.faults.get(fault_id) is None:
        raise HTTPException(404, "no such fault")
    inside.world.faults.remove(fault_id)
    await inside.switchboard.apply()


@routes.delete("", status_code=204)
async def clear(inside: InsideHere) -> None:
    inside.world.faults.clear()
    await inside.switchboard.apply()


def _view(fault: Fault) -> FaultView:
    return FaultView(
        id=fault.id,
        partner=fault.partner,
        operation=fault.operation,
        kind=fault.kind,
        count=fault.count,
        delay_ms=fault.delay_ms,
        match=FaultMatch(**asdict(fault.match)),
        skip=fault.skip,
        hits=fault.hits,
        waiting=fault.waiting,
    )
