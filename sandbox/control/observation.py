"""Reading what was asked of the partners and what their books say."""

from typing import Any

from fastapi import APIRouter, HTTPException, Query

from sandbox.control.inside import WorldHere

routes = APIRouter(tags=["journal and books"])


@routes.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@routes.get("/journal")
async def journal(
    world: WorldHere,
    partner: str | None = None,
    operation: str | None = None,
    reference: str | None = None,
    after: int = 0,
    limit: int = Query(1000, ge=1, le=10_000),
) -> dict[str, Any]:
    """Received calls in order. ``took_effect`` says whether the partner's books changed."""
    entries = world.journal.entries(partner=partner, operation=operation, reference=reference, after=after, limit=limit)
    return {"data": entries}


@routes.delete("/journal", status_code=204)
async def clear_journal(world: WorldHere) -> None:
    world.journal.clear()


@routes.get("/books/{partner}")
async def books(world: WorldHere, partner: str) -> dict[str, Any]:
    found = world.partners.get(partner)
    if found is None:
        raise HTTPException(404, f"no partner is called {partner}")
    return found.book()
