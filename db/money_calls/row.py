"""Read a money call's row: the request is opened only here."""

import json
from collections.abc import Mapping
from typing import Any

import asyncpg

from db.crypto.envelope import Envelope
from domain.money import Money
from domain.money_call import MoneyCall


def request_context(call_id: object) -> str:
    """What the encrypted request is bound to: moved to another row it does not open."""
    return f"money_call/{call_id}/request"


def response_context(call_id: object) -> str:
    """What the encrypted answer is bound to."""
    return f"money_call/{call_id}/response"


def read_money_call(row: Mapping[Any, Any] | asyncpg.Record, envelope: Envelope) -> MoneyCall:
    """A money call from its row (SQLAlchemy's or asyncpg's)."""
    return MoneyCall(
        id=row["id"],
        organization_id=row["organization_id"],
        flow=row["flow"],
        flow_id=row["flow_id"],
        step=row["step"],
        ordinal=row["ordinal"],
        rail=row["rail"],
        operation=row["operation"],
        strategy=row["strategy"],
        rail_reference=row["rail_reference"],
        money=Money(row["amount"], row["currency"]),
        state=row["state"],
        fencing_token=row["fencing_token"],
        send_count=row["send_count"],
        find_count=row["find_count"],
        request=json.loads(envelope.open(row["request"], context=request_context(row["id"]))),
        expectation=json_value(row["expectation"]),
        evidence=tuple(json_value(row["evidence"])),
        first_sent_at=row["first_sent_at"],
        send_deadline=row["send_deadline"],
        recorded_at=row["recorded_at"],
        code=row["code"],
        message=row["message"],
        must_act=row["must_act"],
        rail_id=row["rail_id"],
        returned_at=row["returned_at"],
        proposal_hash=row["proposal_hash"],
    )


def json_value(value: Any) -> Any:
    """A JSON column, which comes as text or as a value depending on the driver's codec."""
    return json.loads(value) if isinstance(value, str) else value
