"""Assembles the control server. Its OpenAPI page is at /docs."""

from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Query

from sandbox.control import chek, clock, column, epx, faults, mailbox
from sandbox.switchboard import Switchboard
from sandbox.world import World


def create_app(world: World, switchboard: Switchboard) -> FastAPI:
    app = FastAPI(title="Sandbox control", version="1", redoc_url=None)
    app.include_router(_observation(world))
    app.include_router(faults.router(world, switchboard))
    app.include_router(clock.router(world))
    app.include_router(epx.router(world.epx))
    app.include_router(chek.router(world.chek))
    app.include_router(column.router(world.column))
    app.include_router(mailbox.router(world.mailbox))
    return app


def _observation(world: World) -> APIRouter:
    router = APIRouter(tags=["journal and books"])

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/journal")
    async def journal(
        partner: str | None = None,
        operation: str | None = None,
        reference: str | None = None,
        after: int = 0,
        limit: int = Query(1000, ge=1, le=10_000),
    ) -> dict[str, Any]:
        """Received calls in order. ``took_effect`` says whether the partner's books changed."""
        entries = world.journal.entries(
            partner=partner, operation=operation, reference=reference, after=after, limit=limit
        )
        return {"data": entries}

    @router.delete("/journal", status_code=204)
    async def clear_journal() -> None:
        world.journal.clear()

    @router.get("/books/{partner}")
    async def books(partner: str) -> dict[str, Any]:
        found = world.partners.get(partner)
        if found is None:
            raise HTTPException(404, f"no partner is called {partner}")
        return found.book()

    return router
