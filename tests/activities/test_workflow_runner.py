"""What makes it right not to ask the sandbox whose payload is being sealed, and that the sandbox still is one."""

import os

import pytest
from temporalio import workflow
from temporalio.converter import WithSerializationContext
from temporalio.worker import Replayer

from activities.temporal import data_converter
from contracts.flow import FlowInput
from tests.replay import stored
from worker import workflow_side
from workflows.ach_debit import AchDebit


def test_payloads_are_sealed_whosoever_they_are_and_stored_nowhere_else() -> None:
    converter = data_converter(stored.keyring(), stored.NAMESPACE)
    assert not isinstance(converter.payload_codec, WithSerializationContext)
    assert converter.external_storage is None


@workflow.defn(name="ach-debit")
class FileReader(AchDebit):
    """Reads a file, which may be another one at the replay."""

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Banned in a workflow."""
        del start
        with open(os.devnull) as file:  # noqa: ASYNC230, PTH123 - banned: that is what is tested
            file.read()
        return await self.to_the_end(self._story)


async def test_what_is_banned_in_workflows_is_still_refused() -> None:
    side = workflow_side()
    replayer = Replayer(
        workflows=[FileReader],
        interceptors=side["interceptors"],
        workflow_runner=side["workflow_runner"],
        data_converter=data_converter(stored.keyring(), stored.NAMESPACE),
        namespace=stored.NAMESPACE,
    )
    with pytest.raises(RuntimeError, match="RestrictedWorkflowAccessError"):
        await replayer.replay_workflow(stored.history("ach-debit/verified-and-debited"))
