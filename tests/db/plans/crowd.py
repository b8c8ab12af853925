"""Many rows in every table that grows, made from what the tables say of their columns.

The n-th row of a table refers to the n-th row of every other one, so that a flow has its calls, events and cases.
States are as in life: nearly all rows have come to their end, a few stand in each other state; what else may have one
of several values has them in turn. Triggers, foreign keys and CHECKs sleep: all that is asked of these rows is how they
are found.
"""

import re
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import CheckConstraint, Column
from sqlalchemy.dialects import postgresql

from db.tables import metadata

CONFIGURED = {
    "merchant": 3,
    "mileage_rate": 3,
    "program": 3,
    "webhook_endpoint": 3,
    "pay_run": 5,
    "approval_limit": 0,
    "reimbursement_policy": 0,
}
"""Tables that people fill, or that have a row for many of another: how many rows they have."""

PASSING = frozenset(
    {"api_key", "business_clock", "feed_reading", "operator", "organization", "party_key", "rate_limit_bucket"}
    | {"wallet_in_flight", "wallet_waiter"}
)
"""Tables that hold who is here and what is going on now: they stay as they are."""

GROWING = sorted(set(metadata.tables) - set(CONFIGURED) - PASSING)

ENDED = {
    ("ach_account", "state"): "stored",
    ("ach_account_change", "state"): "applied",
    ("ach_authorization", "state"): "active",
    ("ach_return", "state"): "decided",
    ("ach_transaction", "ach_state"): "settled",
    ("case_file", "state"): "closed",
    ("inbox_event", "state"): "processed",
    ("mail", "state"): "sent",
    ("money_call", "state"): "applied",
    ("month_allocation", "funding_state"): "funded",
    ("onboarding", "state"): "onboarded",
    ("pay_run", "state"): "finished",
    ("payment_attempt", "state"): "succeeded",
    ("payment_intent", "state"): "settled",
    ("payout_holding", "state"): "settled",
    ("reclaim", "state"): "reclaimed",
    ("report", "state"): "reimbursed",
}
"""Where nearly all rows of a table stand in the end."""

LIKE = {
    ("ach_transaction", "period_on"): "null",
    ("expense", "number"): "1",
    ("ach_authorization", "basis"): "'written'",
    ("ach_authorization", "amount_rule"): "'fixed'",
    ("ach_return", "code"): "(array['R01', 'R02', 'R03', 'R10'])[n % 4 + 1]",
    ("idempotency_key", "key"): "'key/' || n",
    ("inbox_event", "source"): "'epx'",
    ("money_call", "evidence"): "'[]'",
    ("money_call", "flow"): "(array['ach-debit', 'provider-payment', 'reimbursement'])[n % 3 + 1]",
    ("money_call", "rail_id"): "'rail/' || n",
    ("money_call", "step"): "'payout'",
    ("outgoing_event", "subject_kind"): "'reimbursement'",
    ("workflow_outbox", "done_at"): "clock_timestamp()",
    ("month_allocation", "month"): "(date '2026-11-01' - make_interval(months => ((rows - n) / 300)::int))::date",
    ("attendance", "week"): "date '2026-11-02' - 7 * ((rows - n) / 300)::int",
    ("month_allocation", "allocation_cents"): "100000",
    ("month_allocation", "cap_cents"): "100000",
    ("month_allocation", "reclaimed_cents"): "0",
    ("month_allocation", "selected_cents"): "0",
    ("month_allocation", "paid_cents"): "0",
    ("pay_run_pair", "state"): "(array['begun', 'waiting'])[n % 2 + 1]",
    ("payout_attempt", "kind"): "'wire'",
    ("payout_method", "kind"): "'wire'",
    ("program", "time_zone"): "'America/New_York'",
    ("event_delivery", "delivered_at"): "clock_timestamp()",
    ("ach_transaction", "processed_at"): "clock_timestamp()",
    ("ach_transaction", "auth_guid"): "'guid/' || n",
}
"""Values that their type does not tell."""

_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]
EVERYWHERE = {"currency": "USD", "sec": "PPD", "language": "en"}
Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_ENUM = re.compile(r"(?P<name>\w+) in \((?P<values>'[^()]*')\)")
_SOME = 500
"""One row of so many stands in each state that is not the end."""


async def crowd(owner: Owner, organization_id: UUID, *, rows: int, ids: str) -> None:
    """Fill the tables for one organization, whose ids begin with `ids`; the caller says ANALYZE."""
    operator_id = await owner.fetchval("select id from operator where organization_id = $1", organization_id)
    fixed = {"organization_id": f"'{organization_id}'::uuid", "operator": f"'{operator_id}'::uuid"}
    await owner.execute("set session_replication_role = replica")
    for table in metadata.sorted_tables:
        if table.name in PASSING:
            continue
        count = min(rows, CONFIGURED.get(table.name, rows))
        columns = {column.name: fixed.get(column.name) or _value(column, fixed["operator"], ids) for column in table.c}
        await owner.execute(
            f"insert into {table.name} ({', '.join(columns)}) select {', '.join(columns.values())}"
            f" from generate_series(1, {count}) as n, (values ({rows})) as of (rows)"
        )
    await owner.execute("set session_replication_role = origin")


async def without_checks(owner: Owner) -> None:
    """Drop the CHECKs of all tables: which states go with which dates matters to no plan."""
    await owner.execute(
        "do $$ declare c record; begin for c in select conrelid::regclass as of, conname from pg_constraint"
        " where contype = 'c' and connamespace = 'public'::regnamespace and conrelid <> 0"
        " loop execute format('alter table %s drop constraint %I', c.of, c.conname); end loop; end $$"
    )


def nth(ids: str, n: int) -> UUID:
    """The id of the n-th row of any table."""
    return UUID(f"{ids}{n:012x}")


def _value(column: "Column[Any]", operator: str, ids: str) -> str:
    """What a column has in the n-th row, in SQL."""
    known = LIKE.get((column.table.name, column.name))
    refers = next((key.column.table.name for key in column.foreign_keys), None)
    kind = str(column.type.compile(_POSTGRES))
    values = _values(column)
    if known is not None:
        return known
    if column.nullable and (refers in ("operator", column.table.name) or not (values or kind == "UUID")):
        return "null"
    if refers == "operator":
        return operator
    if kind == "UUID":
        return f"('{ids}' || lpad(to_hex({_row(refers)}), 12, '0'))::uuid"
    if values:
        end = ENDED.get((column.table.name, column.name))
        if end is None:
            return f"(array{values})[n % {len(values)} + 1]"
        return f"coalesce((array{[value for value in values if value != end]})[n % {_SOME}], '{end}')"
    if column.name in ("subject_id", "workflow_id", "subject"):
        return f"('{ids}' || lpad(to_hex(n), 12, '0'))::uuid::text"
    if column.name in EVERYWHERE:
        return f"'{EVERYWHERE[column.name]}'"
    if kind.startswith("VARCHAR("):
        return f"left('{ids[:4]}' || n, {kind[8:-1]})" if int(kind[8:-1]) > 8 else "'x'"
    return {
        "TEXT": "'x' || n",
        "BYTEA": f"decode(md5('{ids}' || n), 'hex')",
        "INTEGER": "1",
        "BIGINT": "n % 7 + 1",
        "BOOLEAN": "false",
        "DATE": "date '2026-11-01' - ((rows - n) / 10)::int",
        "TIMESTAMP WITH TIME ZONE": "clock_timestamp() - make_interval(mins => (rows - n)::int)",
        "JSONB": "'{}'",
        "UUID[]": "'{}'",
    }[kind]


def _row(refers: str | None) -> str:
    """Which row of a table the n-th row of another one refers to."""
    return f"(n - 1) % {CONFIGURED[refers]} + 1" if refers in CONFIGURED else "n"


def _values(column: "Column[Any]") -> list[str]:
    """The values that a CHECK allows, if it names them."""
    for constraint in column.table.constraints:
        if isinstance(constraint, CheckConstraint):
            found = _ENUM.fullmatch(str(constraint.sqltext).removeprefix(f"{column.name} is null or "))
            if found and found["name"] == column.name:
                return re.findall(r"'(\w+)'", found["values"])
    return []
