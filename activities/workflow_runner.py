"""Run workflow code in Temporal's sandbox, without asking it for what our payloads do not depend on.

The SDK enters the sandbox two or three times per payload, to learn which activity or workflow the payload belongs to.
Our converter seals all payloads alike (tests/activities/test_workflow_runner.py), so the answer is known outside.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info

_STORED_WITH_TEMPORAL = StorageDriverStoreContext(target=None)


class PlainPayloads(WorkflowInstance):
    """An instance in the sandbox whose payloads carry no context."""

    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """In the sandbox."""
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: object) -> SerializationContext | None:
        """None."""
        del command_info
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        """No payload is stored elsewhere."""
        del command_info
        return _STORED_WITH_TEMPORAL

    def get_info(self) -> Info:
        """The run's."""
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        """Where it runs just now."""
        return self._sandboxed.get_thread_id()


class WorkflowSandbox(SandboxedWorkflowRunner):
    """Temporal's own."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """One run."""
        return PlainPayloads(super().create_instance(det))


def workflow_sandbox() -> WorkflowSandbox:
    """With every module passed through: re-importing all for each run takes longer than running it.

    That is safe, workflows import only contracts and domain, which hold no state. What the sandbox refuses of the
    builtins (files, input) it still refuses; clocks and chance are kept out of workflows by the linter.
    """
    return WorkflowSandbox(restrictions=SandboxRestrictions.default.with_passthrough_all_modules())
