"""What one report pays: an ExpensePayout per approved expense, one PayoutHolding, and each attempt to pay it out."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid, text

from db.tables.metadata import Instant, created_at, identity, metadata, owner

payout_holding = Table(
    "payout_holding",
    metadata,
    identity(),
    owner(),
    Column("report_id", Uuid, ForeignKey("report.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(20), nullable=False, server_default=text("'funding'")),
    # of its own book transfer
    Column("funding", String(10), nullable=False, server_default=text("'pending'")),
    Column("ordinal", Integer, nullable=False, server_default=text("1")),
    Column("reverse_ordinal", Integer, nullable=False, server_default=text("1")),
    # which try of paying it out it is at, and by which method
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("method_id", Uuid, ForeignKey("payout_method.id"), nullable=False),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("returned_at", Instant),
    created_at(),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint(
        "state in ('funding', 'sending', 'sent', 'settled', 'returned', 'action_required', 'reversing', 'reversed',"
        " 'cancelled')",
        name="state",
    ),
    CheckConstraint("funding in ('pending', 'settled', 'reversed', 'cancelled')", name="funding"),
    CheckConstraint("must_act is null or must_act in ('payee', 'operator', 'nobody')", name="must_act"),
    CheckConstraint(
        "state not in ('returned', 'action_required') or must_act in ('payee', 'operator')",
        name="somebody_acts_when_stuck",
    ),
)
Index("uq_payout_holding_report", payout_holding.c.report_id, unique=True)

expense_payout = Table(
    "expense_payout",
    metadata,
    identity(),
    owner(),
    Column("report_id", Uuid, ForeignKey("report.id"), nullable=False),
    Column("holding_id", Uuid, ForeignKey("payout_holding.id"), nullable=False),
    Column("expense_id", Uuid, ForeignKey("expense.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'pending'")),
    Column("ordinal", Integer, nullable=False, server_default=text("1")),
    Column("reverse_ordinal", Integer, nullable=False, server_default=text("1")),
    created_at(),
    CheckConstraint("amount < 0", name="amount"),
    CheckConstraint("state in ('pending', 'settled', 'reversed', 'cancelled')", name="state"),
)
Index("uq_expense_payout_expense", expense_payout.c.expense_id, unique=True)
Index("ix_expense_payout_holding", expense_payout.c.holding_id, expense_payout.c.id)

payout_attempt = Table(
    "payout_attempt",
    metadata,
    identity(),
    owner(),
    Column("holding_id", Uuid, ForeignKey("payout_holding.id"), nullable=False),
    # the money call of the holding's report at step `payout` with this ordinal
    Column("ordinal", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("method_id", Uuid, ForeignKey("payout_method.id"), nullable=False),
    created_at(),
    CheckConstraint("kind in ('ach', 'paypal', 'check')", name="kind"),
    CheckConstraint("ordinal >= 1", name="ordinal"),
)
Index("uq_payout_attempt_ordinal", payout_attempt.c.holding_id, payout_attempt.c.ordinal, unique=True)
