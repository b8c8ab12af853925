"""Money calls in the API: those that are open, and resolving one that needs a person."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from api.fields import RequestModel, ResponseModel
from api.schemas.flow import MoneyCallView, money_call_view
from domain.ids import public_id
from domain.public_ids import subject_id


class ProposalView(ResponseModel):
    """What an operator says became of the call. `seen` is what the confirming operator sends back."""

    outcome: Literal["applied", "refused"]
    rail_id: str | None
    evidence: str
    proposed_by: str
    seen: str


class MoneyCallDetail(MoneyCallView):
    """A money call with what is known of it."""

    flow: str
    flow_id: str
    evidence: list[Any]
    proposal: ProposalView | None


class Proposal(RequestModel):
    """What became of a call, and how you know. `applied` with the rail's own id where there is one."""

    outcome: Literal["applied", "refused"]
    rail_id: str | None = Field(default=None, max_length=255, pattern=r"^[!-~]+$")
    evidence: str = Field(min_length=10, max_length=2000, examples=["Bank statement of 2026-11-20, line 14"])


class Confirmation(RequestModel):
    """That you have read the proposal: its `seen` value."""

    seen: str = Field(pattern=r"^[0-9a-f]{64}$")


def money_call_detail(row: Mapping[Any, Any]) -> MoneyCallDetail:
    """A money call from its row."""
    proposal = None
    if row["proposal"] is not None:
        proposal = ProposalView(
            outcome=row["proposal"]["outcome"],
            rail_id=row["proposal"]["rail_id"],
            evidence=row["proposal"]["evidence"],
            proposed_by=public_id("opr", row["proposed_by"]),
            seen=row["proposal_hash"].hex(),
        )
    return MoneyCallDetail(
        **money_call_view(row).model_dump(),
        flow=row["flow"],
        flow_id=subject_id(row["flow"], str(row["flow_id"])),
        evidence=row["evidence"],
        proposal=proposal,
    )
