"""/v1/sandbox/clock: move business time forward, so that what takes banking days can be seen at once."""

from datetime import timedelta

from api.auth import Asker
from api.context import Context
from api.router import router
from api.schemas.business_clock import Advance, ClockView
from api.unit_of_work import Work
from services.business_clock import advance

routes = router("sandbox/clock")


@routes.get("")
async def get(uow: Work) -> ClockView:
    """Where the business clock stands."""
    return ClockView(business_now=await uow.business_now())


@routes.post("/advance")
async def move(body: Advance, context: Context, asker: Asker) -> ClockView:
    """Move it forward: partners settle, then waiting flows go on. Not to be repeated blindly: each call moves it on."""
    now = await advance(
        context.settings,
        context.database,
        context.temporal,
        asker,
        by=timedelta(days=body.days, hours=body.hours),
    )
    return ClockView(business_now=now)
