"""A run whose look cannot be done gives its task back and waits by a timer: an outage costs the server little."""

import asyncio
from datetime import timedelta

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from activities.temporal import connect
from cli.embedded.temporal import EmbeddedTemporal
from contracts.allocation import LOOK_AT_ALLOCATION, AllocationStanding
from contracts.flow import FlowInput
from db.crypto.keyring import Keyring
from domain.ids import new_id
from settings import TemporalSettings
from worker import workflow_side
from workflows.presets import LOOK

TASK_SECONDS = 8.0
"""A worker that has a task for longer (80 % of ten seconds) tells the server so, with three events."""
TRY_SECONDS = 0.2
"""Generous for a database that refuses connections."""
NEXT_TRY = timedelta(seconds=20)
"""The SDK's own threshold is a minute."""


@activity.defn(name=LOOK_AT_ALLOCATION)
async def away(_: FlowInput) -> AllocationStanding:
    """The database is away, and the next try is far enough that no task is kept for it."""
    raise ApplicationError("the database is away", next_retry_delay=NEXT_TRY)


async def test_a_look_that_cannot_be_done_waits_by_a_timer(temporal: EmbeddedTemporal) -> None:
    client = await connect(TemporalSettings(address=temporal.address), Keyring.generate())
    queue = f"test-{new_id().hex}"
    start = FlowInput(organization_id=new_id(), id=new_id())
    async with Worker(client, task_queue=queue, activities=[away], **workflow_side()):
        run = await client.start_workflow("allocation", start, id=f"allocation/{start.id}", task_queue=queue)
        seen = []
        try:
            async with asyncio.timeout(NEXT_TRY.total_seconds() * 0.8):
                async for event in run.fetch_history_events(wait_new_event=True):
                    seen.append(event.event_type)
                    if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
                        break
        finally:
            await run.terminate()
    assert seen.count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) == 1


def test_tries_within_one_task_end_before_the_worker_has_to_ask_for_more_time() -> None:
    policy, kept = LOOK["retry_policy"], timedelta(seconds=TRY_SECONDS)
    pause = policy.initial_interval
    while pause < LOOK["local_retry_threshold"]:
        kept += pause + timedelta(seconds=TRY_SECONDS)
        pause *= policy.backoff_coefficient
    assert policy.maximum_interval is not None
    assert policy.maximum_interval > LOOK["local_retry_threshold"]
    assert kept < timedelta(seconds=TASK_SECONDS)
