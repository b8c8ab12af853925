"""Every recorded history replays: a change of a workflow that running flows could not survive is seen here first."""

from functools import cache
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from activities.temporal import data_converter
from contracts.ach import LOOK_AT_ENTRY, EntryStanding
from contracts.flow import FlowInput
from tests.replay import stored
from tests.replay.asked import Ear, asked_in, missing
from worker import workflow_side
from workflows import WORKFLOWS
from workflows.ach_debit import AchDebit
from workflows.flow import Flow

REGISTERED = {str(workflow._Definition.must_from_class(each).name): each for each in WORKFLOWS}
MONEY_FLOWS = sorted(name for name, each in REGISTERED.items() if issubclass(each, Flow))
NAMES = stored.names()
HAPPENINGS = (
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
    "WORKFLOW_EXECUTION_CANCEL_REQUESTED",
    "WORKFLOW_EXECUTION_TERMINATED",
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
    "WORKFLOW_EXECUTION_COMPLETED",
    "TIMER_FIRED",
    "MARKER_RECORDED",
)


async def replay(name: str, **changes: Any) -> None:
    """As the worker runs workflows, with the keys of the recordings.

    Raises NondeterminismError where other steps are taken, AssertionError where a step is asked for something else.
    """
    ear, side = Ear(), {**workflow_side(), **changes}
    side["interceptors"] = [*side["interceptors"], ear]
    converter = data_converter(stored.keyring(), stored.NAMESPACE)
    history = stored.history(name)
    await Replayer(**side, data_converter=converter, namespace=stored.NAMESPACE).replay_workflow(history)
    assert (lost := missing(await asked_in(history), ear.heard)) is None, f"not asked in its turn: {lost}"


@cache
def recorded_types() -> dict[str, str]:
    """The workflow type that each history itself tells."""
    firsts = {name: stored.history(name).events[0] for name in NAMES}
    return {
        name: first.workflow_execution_started_event_attributes.workflow_type.name for name, first in firsts.items()
    }


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_history_replays(name: str) -> None:
    await replay(name)


@pytest.mark.parametrize("registered", sorted(REGISTERED))
def test_each_workflow_has_a_history(registered: str) -> None:
    assert registered in recorded_types().values()


@pytest.mark.parametrize("flow", MONEY_FLOWS)
def test_each_money_flow_is_recorded_in_more_than_one_story(flow: str) -> None:
    assert len({stored.story_of(name) for name, recorded in recorded_types().items() if recorded == flow}) > 1


def test_each_history_is_of_the_workflow_whose_folder_it_is_in() -> None:
    assert recorded_types() == {name: name.split("/")[0] for name in NAMES}
    assert set(recorded_types().values()) <= set(REGISTERED)


def test_together_they_show_what_can_happen_to_a_run() -> None:
    seen = {EventType.Name(event.event_type) for name in NAMES for event in stored.history(name).events}
    assert {f"EVENT_TYPE_{each}" for each in HAPPENINGS} <= seen


@workflow.defn(name="ach-debit")
class HastyDebit(AchDebit):
    """Looks at the entry before it was handed over: other commands than those in the histories."""

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """The order of steps is another one."""
        del start
        await self.look(LOOK_AT_ENTRY, EntryStanding)
        return await self.to_the_end(self._story)


@workflow.defn(name="ach-debit")
class OtherDebit(AchDebit):
    """Hands a void to the gateway where the histories have a debit."""

    step_name = "void"

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """The same commands as ever, for another money step."""
        del start
        return await self.to_the_end(self._story)


async def test_a_workflow_that_does_its_steps_in_another_order_does_not_replay() -> None:
    with pytest.raises(NondeterminismError):
        await replay("ach-debit/verified-and-debited", workflows=[HastyDebit])


async def test_a_workflow_that_takes_another_money_step_does_not_replay() -> None:
    with pytest.raises(AssertionError, match=r"not asked in its turn: .*'step': 'debit'"):
        await replay("ach-debit/verified-and-debited", workflows=[OtherDebit])
