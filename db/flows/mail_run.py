"""A mail's run in Temporal."""

from uuid import UUID

from db.workflow_run import WorkflowRun
from domain.ids import public_id


def mail_run(organization_id: UUID, mail_id: UUID, template: str, *, after_tries: int | None = None) -> WorkflowRun:
    """`mail/<id>`, and `mail/<id>/<tries>` where it is to be sent once more."""
    workflow_id = f"mail/{mail_id}" if after_tries is None else f"mail/{mail_id}/{after_tries}"
    return WorkflowRun(
        workflow="mail",
        workflow_id=workflow_id,
        restart_id=f"{workflow_id}/again",
        argument={"organization_id": str(organization_id), "mail_id": str(mail_id), "again": after_tries is not None},
        search_attributes={"Organization": public_id("org", organization_id), "Flow": "mail"},
        summary=f"Send {template}",
    )
