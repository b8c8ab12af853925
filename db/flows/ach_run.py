"""The run of an ACH entry in Temporal: `ach-debit/<id>`, `ach-credit/<id>` or `ach-void/<id>`."""

from db.flows.base import FlowRow
from db.queries.ach import flow_of
from db.workflow_run import WorkflowRun
from domain.ids import public_id
from domain.money import Money

_PATHS = {"ach-debit": "ach-debits", "ach-credit": "ach-credits", "ach-void": "ach-voids"}


def run_of(row: FlowRow) -> WorkflowRun:
    """The run that drives this entry, whatever its kind."""
    flow = flow_of(row)
    organization = row["organization_id"]
    shown = public_id("achtx", row["id"])
    what = "ACH refund" if row["type"] == "REFUND" else f"ACH {flow.removeprefix('ach-')}"
    return WorkflowRun(
        workflow=flow,
        workflow_id=f"{flow}/{row['id']}",
        restart_id=f"{flow}/{row['id']}/{row['attempt'] + 1}",
        argument={"organization_id": str(organization), "id": str(row["id"])},
        search_attributes={
            "Organization": public_id("org", organization),
            "Flow": flow,
            "Subject": shown,
            "Payee": row["customer_id"],
            "State": row["ach_state"],
        },
        summary=f"{what} {Money(row['amount'], row['currency'])}",
        path=f"/v1/{_PATHS[flow]}/{shown}",
    )
