"""A flow's run in Temporal, as its rows know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OutboxRow = Mapping[Any, Any]
"""A run to be started or woken, as workflow_outbox has it."""


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """How a flow's run is started, found and woken.

    `workflow` is the workflow's type, `workflow_id` the business key, `restart_id` the id under which a flow whose run
    has ended goes on from its rows. `argument` is the input model as JSON values, `summary` and `path` (of the API) are
    what the Temporal web UI shows; neither holds a name or a number of an account.
    """

    workflow: str
    workflow_id: str
    restart_id: str
    argument: Mapping[str, Any]
    search_attributes: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    path: str = ""
