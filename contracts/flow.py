"""What every flow's workflow takes, is asked, and answers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

COMMAND = "flow.command"


class FlowInput(BaseModel):
    """The row that the workflow drives."""

    organization_id: UUID
    id: UUID


class Ask(BaseModel):
    """What a person asks through a signal or an update, with whatever the command needs (ids only, no secrets)."""

    reason: str = Field(default="", max_length=500)
    method_id: UUID | None = None
    outcome: str | None = None
    rail_id: str | None = None


class FlowCommand(BaseModel):
    """A command as the workflow hands it to its activity."""

    organization_id: UUID
    flow: str
    flow_id: UUID
    name: str
    ask: Ask
    came_by: str


class CommandAnswer(BaseModel):
    """Yes, or why not."""

    accepted: bool
    code: str | None = None
    message: str | None = None


class FlowStatus(BaseModel):
    """The answer of every flow's `status` query."""

    state: str
    waiting_for: str
    business_now: datetime
