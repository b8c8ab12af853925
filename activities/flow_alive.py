"""Whether a flow's run is alive in Temporal, under its own id or the one under which it went on."""

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from db.workflow_run import WorkflowRun


async def is_alive(client: Client, run: WorkflowRun) -> bool:
    """Ask Temporal. Raises RPCError when it cannot be asked."""
    for workflow_id in (run.workflow_id, run.restart_id):
        try:
            found = await client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        else:
            if found.status is WorkflowExecutionStatus.RUNNING:
                return True
    return False
