"""What a workflow asks of activities, in the history and in the replay.

Temporal compares the activities' names only, and all money steps have the same: `prenote` done as `store` would replay.
"""

import json
from collections.abc import Iterable
from typing import Any

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from tests.replay.payloads import opened

Asked = tuple[str, list[Any]]
"""An activity's name, and its inputs as JSON."""


class Ear(Interceptor):
    """Hears what is asked in one replay."""

    def __init__(self) -> None:
        self.heard: list[Asked] = []

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002
        """A class that knows this ear."""
        heard = self.heard

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
                payloads = workflow.payload_converter().to_payloads(input.args)
                heard.append((input.activity, [json.loads(payload.data) for payload in payloads]))
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound


async def asked_in(history: WorkflowHistory) -> list[Asked]:
    """What was asked when it was recorded, in that order."""
    asked: list[Asked] = []
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            inputs = [json.loads(payload.data) for payload in await opened(scheduled.input.payloads)]
            asked.append((scheduled.activity_type.name, inputs))
    return asked


def missing(recorded: Iterable[Asked], heard: Iterable[Asked]) -> Asked | None:
    """The first of what was recorded that was not heard in its turn, or None.

    More may be heard: what was cancelled at once left no event, and a run that still goes on asks for what comes next.
    """
    rest = iter(heard)
    return next((asked for asked in recorded if not any(_holds(now, asked) for now in rest)), None)


def _holds(now: Any, recorded: Any) -> bool:
    """Whether it is the same; a field that was added since is none of the recording's business."""
    if isinstance(now, dict) and isinstance(recorded, dict):
        return all(key in now and _holds(now[key], value) for key, value in recorded.items())
    if isinstance(now, list | tuple) and isinstance(recorded, list | tuple):
        return len(now) == len(recorded) and all(map(_holds, now, recorded))
    return bool(now == recorded)
