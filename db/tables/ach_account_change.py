"""Notifications of change: what the receiving bank asked us to correct on a stored account, and what became of it.

The id is the inbox event's. Old and corrected data are bank details: sealed, and kept as the account's history.
"""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid
from sqlalchemy import text as sql

from db.tables.metadata import Instant, created_at, identity, metadata, owner

ach_account_change = Table(
    "ach_account_change",
    metadata,
    identity(),
    owner(),
    Column("account_id", Uuid, ForeignKey("ach_account.id"), nullable=False),
    Column("transaction_id", Uuid, ForeignKey("ach_transaction.id")),
    Column("code", String(10), nullable=False),
    Column("corrected_fields", String(100), nullable=False),
    Column("received_at", Instant, nullable=False),
    # six banking days after receipt (Nacha); the next debit waits for it anyway
    Column("due_on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("store_attempt", Integer, nullable=False, server_default=sql("1")),
    Column("corrected_data", LargeBinary),
    # account number, routing number, type and token as they were before
    Column("old_data", LargeBinary),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("applied_at", Instant),
    created_at(),
    CheckConstraint("state in ('pending', 'applied', 'repeated', 'kept', 'rejected', 'failed')", name="state"),
    CheckConstraint("state not in ('applied', 'repeated') or applied_at is not null", name="applied_when"),
    CheckConstraint("state <> 'applied' or old_data is not null", name="applied_keeps_old"),
)
Index("ix_ach_account_change_account", ach_account_change.c.account_id, ach_account_change.c.id)
Index(
    "ix_ach_account_change_pending",
    ach_account_change.c.account_id,
    ach_account_change.c.id,
    postgresql_where=sql("state = 'pending'"),
)
Index("ix_ach_account_change_list", ach_account_change.c.organization_id, ach_account_change.c.id)
Index(
    "ix_ach_account_change_state",
    ach_account_change.c.organization_id,
    ach_account_change.c.state,
    ach_account_change.c.id,
)
