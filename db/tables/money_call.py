"""Money calls, each send of one, and the wallets that an open call keeps to itself (DESIGN: the money call)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import Instant, identity, metadata, owner

money_call = Table(
    "money_call",
    metadata,
    identity(),
    owner(),
    Column("flow", String(40), nullable=False),
    Column("flow_id", Uuid, nullable=False),
    Column("step", String(60), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("rail", String(20), nullable=False),
    Column("operation", String(40), nullable=False),
    Column("strategy", String(20), nullable=False),
    Column("rail_reference", String(255), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(20), nullable=False, server_default=text("'recorded'")),
    Column("request", LargeBinary, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("expectation", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("hold_id", Uuid),
    Column("fencing_token", BigInteger, nullable=False, server_default=text("0")),
    Column("send_count", Integer, nullable=False, server_default=text("0")),
    Column("first_sent_at", Instant),
    Column("send_deadline", Instant),
    Column("find_count", Integer, nullable=False, server_default=text("0")),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("rail_id", String(255)),
    Column("response", LargeBinary),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("settled_by", String(10)),
    Column("proposed_by", Uuid, ForeignKey("operator.id")),
    Column("proposal", JSONB),
    Column("proposal_hash", LargeBinary),
    Column("confirmed_by", Uuid, ForeignKey("operator.id")),
    Column("recorded_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("settled_at", Instant),
    Column("returned_at", Instant),
    CheckConstraint(
        "state in ('recorded', 'sending', 'unknown', 'needs_person', 'applied', 'refused')",
        name="state",
    ),
    CheckConstraint("strategy in ('repeatable_key', 'query', 'balance_evidence', 'harmless')", name="strategy"),
    CheckConstraint("amount >= 0 and (strategy <> 'harmless' or amount = 0)", name="amount"),
    CheckConstraint("confirmed_by is null or confirmed_by <> proposed_by", name="two_people"),
    CheckConstraint("(state in ('applied', 'refused')) = (settled_at is not null)", name="settled"),
    CheckConstraint("ordinal >= 1", name="ordinal"),
    CheckConstraint("must_act is null or must_act in ('payee', 'operator', 'nobody')", name="must_act"),
)
Index(
    "uq_money_call_identity",
    money_call.c.flow,
    money_call.c.flow_id,
    money_call.c.step,
    money_call.c.ordinal,
    unique=True,
)
Index(
    "uq_money_call_one_open",
    money_call.c.flow,
    money_call.c.flow_id,
    money_call.c.step,
    unique=True,
    postgresql_where=text("state <> 'refused' and returned_at is null"),
)
Index("uq_money_call_rail_reference", money_call.c.rail, money_call.c.rail_reference, unique=True)
Index("ix_money_call_rail_id", money_call.c.rail, money_call.c.rail_id)
Index("ix_money_call_state", money_call.c.organization_id, money_call.c.state, money_call.c.id)
Index(
    "ix_money_call_open",
    money_call.c.recorded_at,
    postgresql_where=text("state in ('recorded', 'sending', 'unknown', 'needs_person')"),
)

money_call_send = Table(
    "money_call_send",
    metadata,
    Column("money_call_id", Uuid, ForeignKey("money_call.id"), primary_key=True),
    Column("fencing_token", BigInteger, primary_key=True),
    owner(),
    Column("rail_reference", String(255), nullable=False),
    Column("sent_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("send_deadline", Instant, nullable=False),
    Column("not_sent", Boolean, nullable=False, server_default=text("false")),
    Column("outcome", String(20)),
    Column("code", String(40)),
)
Index("ix_money_call_send_rail_reference", money_call_send.c.rail_reference)

wallet_in_flight = Table(
    "wallet_in_flight",
    metadata,
    Column("wallet_id", String(80), primary_key=True),
    Column("money_call_id", Uuid, ForeignKey("money_call.id"), nullable=False),
    owner(),
)

wallet_waiter = Table(
    "wallet_waiter",
    metadata,
    Column("wallet_id", String(80), primary_key=True),
    Column("flow_id", Uuid, primary_key=True),
    Column("flow", String(40), nullable=False),
    owner(),
)
