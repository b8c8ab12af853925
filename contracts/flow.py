"""What every flow's workflow takes, is asked, and answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

COMMAND = "flow.command"


def _without_prefix(shown: Any) -> Any:
    return shown.removeprefix("pm_") if isinstance(shown, str) else shown


MethodId = Annotated[UUID, BeforeValidator(_without_prefix)]
"""A payout method; people who type it into the Temporal web UI know it as the API shows it, ``pm_…``."""


class FlowInput(BaseModel):
    """The row that the workflow drives."""

    organization_id: UUID
    id: UUID


class Ask(BaseModel):
    """What a person asks through a signal or an update, with whatever the command needs (ids only, no secrets)."""

    # what was typed wrong is not repeated in a worker's log
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    reason: str = Field(default="", max_length=500)
    method_id: MethodId | None = None
    outcome: str | None = Field(default=None, max_length=40)
    rail_id: str | None = Field(default=None, max_length=255)
    amount: int | None = Field(default=None, gt=0, description="minor units")
    first_charge_on: date | None = None


NOTHING_SAID = Ask()
"""What a signal or an update without an input says: somebody in the Temporal web UI left it empty."""


def ask_from(said: Sequence[Any]) -> Ask | None:
    """What a signal's inputs ask; None when they make no sense.

    A person types them into the Temporal web UI, and a handler that fails on them would block the whole run.
    """
    if not said or list(said) == [None]:
        return NOTHING_SAID
    try:
        return Ask.model_validate(said[0]) if len(said) == 1 else None
    except ValidationError:
        return None


class FlowCommand(BaseModel):
    """A command as the workflow hands it to its activity."""

    organization_id: UUID
    flow: str
    flow_id: UUID
    name: str
    ask: Ask
    came_by: str


class CommandAnswer(BaseModel):
    """Yes, with what follows from it where that is not plain, or why not."""

    accepted: bool
    code: str | None = None
    message: str | None = None


class FlowStatus(BaseModel):
    """The answer of every flow's `status` query."""

    state: str
    waiting_for: str
    business_now: datetime
