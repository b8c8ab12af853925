"""What a customer allowed: to be debited by ACH, once or again and again, by which rule, with which evidence.

Kept for five years after it has ended (seed 003, section 11; Nacha asks for two): the database refuses to delete it.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
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

from db.tables.metadata import Instant, created_at, identity, metadata, owner

ach_authorization = Table(
    "ach_authorization",
    metadata,
    identity(),
    owner(),
    Column("merchant_id", Uuid, ForeignKey("merchant.id"), nullable=False),
    Column("customer_id", String(100), nullable=False),
    Column("account_id", Uuid, ForeignKey("ach_account.id"), nullable=False),
    Column("sec", String(3), nullable=False),
    Column("basis", String(30), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("amount_rule", String(10), nullable=False),
    # what the next debits take; under `variable` within the two below, both of which the customer agreed to
    Column("amount", BigInteger, nullable=False),
    Column("amount_min", BigInteger),
    Column("amount_max", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("frequency", String(10)),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("description", String(200), nullable=False, server_default=text("''")),
    Column("cancellation_terms", Text, nullable=False),
    # where the signed form, recording or agreement is kept, and its SHA-256 in hex
    Column("evidence_reference", String(200), nullable=False),
    Column("evidence_hash", String(64), nullable=False),
    Column("customer_email", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'active'")),
    # a changed amount that was announced, and the first charge date that it is for
    Column("next_amount", BigInteger),
    Column("next_amount_from", Date),
    # the first date of the changed schedule, if it was changed
    Column("schedule_from", Date),
    # the next period that is not planned yet, counted from 0 at the start date, or at `schedule_from`
    Column("next_period", Integer, nullable=False, server_default=text("0")),
    # why it is paused or has ended
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("ended_at", Instant),
    Column("retain_until", Date),
    created_at(),
    CheckConstraint("kind in ('single', 'recurring')", name="kind"),
    CheckConstraint("(kind = 'recurring') = (frequency is not null)", name="recurring_has_frequency"),
    CheckConstraint(
        "frequency in ('weekly', 'biweekly', 'monthly', 'quarterly', 'yearly')",
        name="frequency",
    ),
    CheckConstraint(
        "(sec, basis) in (('PPD', 'written'), ('PPD', 'similarly_authenticated'), ('WEB', 'internet'),"
        " ('TEL', 'oral_recorded'), ('TEL', 'oral_written_notice'), ('CCD', 'agreement'))",
        name="basis",
    ),
    CheckConstraint("basis <> 'oral_written_notice' or kind = 'single'", name="recurring_oral_is_recorded"),
    CheckConstraint(
        "amount > 0 and case amount_rule when 'fixed' then amount_min is null and amount_max is null"
        " when 'variable' then amount_max is not null and amount between coalesce(amount_min, 1) and amount_max"
        " else false end",
        name="amount",
    ),
    CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    CheckConstraint("state in ('active', 'paused', 'cancelled', 'revoked', 'ended')", name="state"),
    CheckConstraint(
        "(state in ('cancelled', 'revoked', 'ended')) = (ended_at is not null)"
        " and (ended_at is null) = (retain_until is null)",
        name="ended",
    ),
    CheckConstraint("(next_amount is null) = (next_amount_from is null) and next_amount > 0", name="next_amount"),
    CheckConstraint("evidence_hash ~ '^[0-9a-f]{64}$'", name="evidence_hash"),
)
Index("ix_ach_authorization_list", ach_authorization.c.organization_id, ach_authorization.c.id)
Index(
    "ix_ach_authorization_state",
    ach_authorization.c.organization_id,
    ach_authorization.c.state,
    ach_authorization.c.id,
)
Index("ix_ach_authorization_customer", ach_authorization.c.merchant_id, ach_authorization.c.customer_id)
Index("ix_ach_authorization_account", ach_authorization.c.account_id)

ach_authorization_change = Table(
    "ach_authorization_change",
    metadata,
    identity(),
    owner(),
    Column("authorization_id", Uuid, ForeignKey("ach_authorization.id"), nullable=False),
    Column("action", String(30), nullable=False),
    # on the business clock
    Column("happened_at", Instant, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    created_at(),
)
Index("ix_ach_authorization_change_of", ach_authorization_change.c.authorization_id, ach_authorization_change.c.id)

ach_authorization_period = Table(
    "ach_authorization_period",
    metadata,
    # one row per authorization and date: whoever plans a period again finds it
    Column("authorization_id", Uuid, ForeignKey("ach_authorization.id"), primary_key=True),
    Column("period_on", Date, primary_key=True),
    owner(),
    # the date, or the banking day after it; what was announced is what is taken
    Column("charge_on", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'planned'")),
    Column("transaction_id", Uuid, ForeignKey("ach_transaction.id")),
    Column("code", String(40)),
    Column("message", Text),
    created_at(),
    CheckConstraint("state in ('planned', 'charged', 'skipped', 'held', 'missed', 'failed')", name="state"),
    CheckConstraint("state not in ('charged', 'failed') or transaction_id is not null", name="charged"),
    CheckConstraint("charge_on >= period_on and amount > 0", name="charge"),
)
Index(
    "ix_ach_authorization_period_planned",
    ach_authorization_period.c.authorization_id,
    ach_authorization_period.c.period_on,
    postgresql_where=text("state in ('planned', 'charged')"),
)
