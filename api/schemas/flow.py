"""What every flow's resource shows: its money calls, ledger lines, timeline, cases and links."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.fields import RequestModel, ResponseModel
from domain.ids import public_id
from domain.public_ids import with_public_ids
from domain.runbook import runbook_of


class MoneyCallView(ResponseModel):
    """One request to a rail, and what became of it."""

    id: str = Field(examples=["mc_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    step: str
    ordinal: int
    rail: str
    operation: str
    rail_reference: str
    amount: int
    currency: str
    state: Literal["recorded", "sending", "unknown", "needs_person", "applied", "refused"]
    code: str | None
    message: str | None
    who_must_act: str | None
    rail_id: str | None
    times_sent: int
    recorded_at: datetime
    settled_at: datetime | None
    returned_at: datetime | None


class LedgerLineView(ResponseModel):
    """One side of a balanced pair. `pending` lines are held; `amount` is towards the account's normal side."""

    account: str
    side: Literal["debit", "credit"]
    pending: bool
    amount: int
    currency: str
    kind: str
    description: str
    effective_date: date
    recorded_at: datetime
    transaction_id: str


class TimelineEntry(ResponseModel):
    """Something that happened to the flow."""

    at: datetime
    event: str
    detail: dict[str, Any]


class CaseView(ResponseModel):
    """What a person must look at."""

    id: str
    kind: str
    state: Literal["open", "closed"]
    summary: str
    evidence: list[Any]
    runbook: str | None = Field(description="the page of docs/runbooks that says what to do", default=None)
    opened_at: datetime
    closed_at: datetime | None
    resolution: str | None


class Links(ResponseModel):
    """Where to look further."""

    self: str
    run: str = Field(description="the run in the Temporal web UI; the first, when there were several")
    runs: str = Field(description="all runs of the resource in the Temporal web UI, the newest first")


class FlowDetail(ResponseModel):
    """The inside of a flow."""

    waiting_for: Literal["wallet"] | None = Field(
        description="`wallet`: another open request uses a wallet that the next step needs; it goes on by itself"
    )
    money_calls: list[MoneyCallView]
    ledger_lines: list[LedgerLineView]
    timeline: list[TimelineEntry]
    cases: list[CaseView]


class CommandRequest(RequestModel):
    """Why an operator asks for it; kept in the audit trail."""

    reason: str = Field(default="", max_length=500)


def money_call_view(row: Mapping[Any, Any]) -> MoneyCallView:
    """A money call from its row."""
    return MoneyCallView(
        id=public_id("mc", row["id"]),
        step=row["step"],
        ordinal=row["ordinal"],
        rail=row["rail"],
        operation=row["operation"],
        rail_reference=row["rail_reference"],
        amount=row["amount"],
        currency=row["currency"],
        state=row["state"],
        code=row["code"],
        message=row["message"],
        who_must_act=row["must_act"],
        rail_id=row["rail_id"] if row["rail"] != "epx" or row["amount"] else None,
        times_sent=row["send_count"],
        recorded_at=row["recorded_at"],
        settled_at=row["settled_at"],
        returned_at=row["returned_at"],
    )


def case_view(row: Mapping[Any, Any]) -> CaseView:
    """A case from its row."""
    evidence = row["evidence"] if isinstance(row["evidence"], list) else [row["evidence"]]
    return CaseView(
        id=public_id("case", row["id"]),
        kind=row["kind"],
        state=row["state"],
        summary=row["summary"],
        evidence=[with_public_ids(item) if isinstance(item, dict) else item for item in evidence],
        runbook=runbook_of(row["kind"], row["subject_kind"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        resolution=row["resolution"],
    )


def flow_detail(
    calls: Sequence[Mapping[Any, Any]],
    lines: Sequence[Mapping[Any, Any]],
    happened: Sequence[Mapping[Any, Any]],
    cases: Sequence[Mapping[Any, Any]],
    *,
    waiting_for: Literal["wallet"] | None,
) -> FlowDetail:
    """The inside of a flow from its rows."""
    return FlowDetail(
        waiting_for=waiting_for,
        money_calls=[money_call_view(row) for row in calls],
        ledger_lines=[
            LedgerLineView(
                account=row["account"],
                side=row["side"],
                pending=row["layer"] == "held",
                amount=row["amount"],
                currency=row["currency"],
                kind=row["kind"],
                description=row["description"],
                effective_date=row["effective_date"],
                recorded_at=row["recorded_at"],
                transaction_id=str(row["transaction_id"]),
            )
            for row in lines
        ],
        timeline=[
            TimelineEntry(at=row["created_at"], event=row["type"], detail=with_public_ids(row["payload"]))
            for row in happened
        ],
        cases=[case_view(row) for row in cases],
    )
