"""Builds of our workers as Temporal knows them: which one takes new runs, and which still has runs of its own."""

from dataclasses import dataclass

from temporalio.api.enums.v1 import VersionDrainageStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import StateConflict

_DRAINAGE = {
    VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING: "has runs of its own",
    VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED: "has none left: stop its workers",
}


@dataclass(frozen=True, slots=True)
class Build:
    """One release that workers have reported."""

    id: str
    current: bool
    """New runs begin on it."""
    standing: str
    """In words."""


async def builds(client: Client, deployment: str) -> list[Build]:
    """All builds, as far as Temporal remembers them; none when no worker ever named one."""
    try:
        told = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []
        raise
    info = told.worker_deployment_info
    current = info.routing_config.current_deployment_version.build_id
    found = []
    for version in info.version_summaries:
        build = version.deployment_version.build_id
        drainage = _DRAINAGE.get(version.drainage_info.status, "was never current")
        found.append(Build(build, build == current, "takes new runs" if build == current else drainage))
    return found


async def make_current(client: Client, deployment: str, build: str) -> None:
    """Have new runs begin on this build; an empty one is workers without a build.

    Raises:
        StateConflict: no worker of this build polls.
    """
    try:
        await client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=client.namespace, deployment_name=deployment, build_id=build, identity=client.identity
            )
        )
    except RPCError as error:
        if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
            raise
        raise StateConflict("no_such_build", f"No worker of the build {build} polls.") from None
