"""The limit of a flow: a workflow on the same server with as many activities of the same kind, which do nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, GrpcCompression, WorkflowHandle
from temporalio.common import SearchAttributeKey, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from domain.ids import new_id
from settings import Settings

STATE = SearchAttributeKey.for_keyword("State")
STEPS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "A",
    EventType.EVENT_TYPE_MARKER_RECORDED: "L",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "S",
}
"""What of a history is repeated by the bare one: activities, local activities, signals."""
WAITS = ("S", "T")
LONG = timedelta(days=1)


@workflow.defn(name="bare")
class BareFlow:
    """Does its steps one after the other."""

    def __init__(self) -> None:
        self._told = 0

    @workflow.signal
    def wake(self) -> None:
        """Go on."""
        self._told += 1

    @workflow.run
    async def run(self, steps: str, shown: bool) -> None:
        """`A` an activity, `L` a local one, `S` waits for a signal, `T` does so until a timer fires, as ours do.

        `shown`: where it stands is a search attribute, which changes by a look, as ours does, and by no other step.
        """
        heard = 0
        for place, step in enumerate(steps):
            if step in WAITS:
                heard += 1
                patience = LONG if step == "T" else None
                await workflow.wait_condition(lambda due=heard: self._told >= due, timeout=patience)  # type: ignore[misc]
                continue
            if shown and step == "L":
                workflow.upsert_search_attributes([STATE.value_set(steps[: place + 1])])
            told = [workflow.info().workflow_id, steps[: place + 1], steps[place + 1 : place + 2] in WAITS]
            if step == "A":
                await workflow.execute_activity(
                    "nothing",
                    args=told,
                    start_to_close_timeout=timedelta(seconds=60),
                    heartbeat_timeout=timedelta(seconds=5),
                )
            else:
                await workflow.execute_local_activity(
                    "nothing", args=told, start_to_close_timeout=timedelta(seconds=60)
                )


class BareFlows:
    """Starts them, and wakes those that wait. The worker runs in this process: it costs the least that way."""

    queue = "bench-bare"
    attributes = TypedSearchAttributes.empty

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._workflow_ids: list[str] = []

    @activity.defn(name="nothing")
    async def nothing(self, workflow_id: str, steps: str, waits: bool) -> str:
        """Do nothing; note that the workflow waits for a signal next. `steps`: those taken, this one included."""
        await self._bear(steps)
        if waits:
            self._waiting.put_nowait(workflow_id)
        return "done"

    async def _bear(self, steps: str) -> None:
        """Nothing."""

    async def start(self, steps: str) -> "WorkflowHandle[BareFlow, None]":
        """One more, with an id of its own."""
        return await self._client.start_workflow(
            BareFlow.run,
            args=[steps, bool(self.attributes)],
            search_attributes=self.attributes,
            id=f"bare/{new_id()}",
            task_queue=self.queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )

    async def play(self, steps: str, count: int, at_once: int) -> None:
        """So many to their end; those that wait for a signal get it when all do."""
        gate = asyncio.Semaphore(at_once)

        async def start() -> "WorkflowHandle[BareFlow, None]":
            async with gate:
                return await self.start(steps)

        handles = await asyncio.gather(*(start() for _ in range(count)))
        first = [await self._waiting.get() for _ in range(count)] if any(wait in steps for wait in WAITS) else []
        waking = asyncio.create_task(self._wake(first))
        try:
            await asyncio.gather(*(handle.result() for handle in handles))
        finally:
            waking.cancel()

    async def _wake(self, first: Sequence[str]) -> None:
        for workflow_id in first:
            self._waiting.put_nowait(workflow_id)
        while True:
            workflow_id = await self._waiting.get()
            await self._client.get_workflow_handle(workflow_id).signal(BareFlow.wake)


@asynccontextmanager
async def open_bare(settings: Settings) -> AsyncIterator[BareFlows]:
    """A worker for them, with the options of ours."""
    client = await Client.connect(
        settings.temporal.address,
        namespace=settings.temporal.namespace,
        data_converter=pydantic_data_converter,
        grpc_compression=GrpcCompression.NONE,
    )
    flows = BareFlows(client)
    restrictions = SandboxRestrictions.default.with_passthrough_all_modules()
    async with worker_of(client, flows, settings, SandboxedWorkflowRunner(restrictions=restrictions)):
        yield flows


def worker_of(client: Client, flows: BareFlows, settings: Settings, runner: WorkflowRunner) -> Worker:
    """In this process."""
    return Worker(
        client,
        task_queue=flows.queue,
        workflows=[BareFlow],
        activities=[flows.nothing],
        workflow_runner=runner,
        max_concurrent_activities=settings.worker.concurrent_activities,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.worker.sticky_seconds),
    )


async def steps_of(client: Client, workflow: str, flow_id: UUID) -> str:
    """The steps that a run of ours took, read from its history; a signal counts where something was done before it."""
    history = await client.get_workflow_handle(f"{workflow}/{flow_id}").fetch_history()
    steps = "".join(STEPS.get(event.event_type, "") for event in history.events)
    while "SS" in steps:
        steps = steps.replace("SS", "S")  # signals that came together wake once
    return steps.lstrip("S")
