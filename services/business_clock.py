"""The business clock in sandbox mode: partners settle first, then our clock moves, then waiting flows are told."""

import asyncio
from datetime import datetime, timedelta

import httpx
from sqlalchemy import text
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from db.engine import Database
from domain.errors import InvalidInput, StateConflict, Unavailable
from domain.principal import Principal
from domain.tls import trusted
from settings import Settings

LONGEST_STEP = timedelta(days=400)
VISIBILITY_LAG_SECONDS = 0.3


async def advance(
    settings: Settings, database: Database, client: Client, asker: Principal, *, by: timedelta
) -> datetime:
    """Move the clock forward; returns where it stands. Refused outside of the sandbox (the database refuses it too)."""
    asker.require("sandbox:write")
    if settings.environment != "sandbox":
        raise StateConflict("not_a_sandbox", "The business clock moves only in the sandbox environment.")
    if not timedelta() < by <= LONGEST_STEP:
        raise InvalidInput("by", "Must be longer than nothing and at most 400 days.")
    async with database.across_organizations(actor=asker.actor, request_id=asker.request_id) as uow:
        to = await uow.business_now() + by
    await _settle_partners(settings, to)
    async with database.across_organizations(actor=asker.actor, request_id=asker.request_id) as uow:
        now: datetime = (
            await uow.connection.execute(text("select advance_business_clock(:to)"), {"to": to})
        ).scalar_one()
        await uow.audit("business_clock.advanced", "business_clock", "1", {"to": now.isoformat()})
    await _tell_flows(client, settings.temporal.task_queue, now)
    return now


async def _settle_partners(settings: Settings, to: datetime) -> None:
    try:
        async with httpx.AsyncClient(
            base_url=settings.sandbox.control_url, timeout=60, verify=trusted(), trust_env=False
        ) as control:
            answer = await control.post("/clock/advance", json={"to": to.isoformat()})
            answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"The sandbox does not move its clock ({type(error).__name__}).") from None


async def _tell_flows(client: Client, task_queue: str, now: datetime) -> None:
    """Signal every running flow of ours. Twice: the list of runs lags a little behind those that have just begun."""
    running_flows = f"ExecutionStatus='Running' and Flow is not null and TaskQueue = '{task_queue}'"
    told: set[str] = set()
    for pause in (0.0, VISIBILITY_LAG_SECONDS):
        await asyncio.sleep(pause)
        try:
            running = [run.id async for run in client.list_workflows(running_flows)]
        except RPCError as error:
            raise Unavailable(f"Temporal does not answer ({error.status.name}); the clock has moved.") from None
        fresh = [workflow_id for workflow_id in running if workflow_id not in told]
        for start in range(0, len(fresh), 50):
            await asyncio.gather(*(_tell(client, workflow_id, now) for workflow_id in fresh[start : start + 50]))
        told.update(fresh)


async def _tell(client: Client, workflow_id: str, now: datetime) -> None:
    try:
        await client.get_workflow_handle(workflow_id).signal("clock_advanced", now)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
