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
    # since when somebody must act, and how often they were reminded of it (or it was tried again, where nobody must)
    Column("stuck_at", Instant),
    Column("reminders", Integer, nullable=False, server_default=text("0")),
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
        "state not in ('returned', 'action_required') or (must_act is not null and stuck_at is not null)",
        name="somebody_acts_when_stuck",
    ),
    CheckConstraint("reminders >= 0", name="reminders"),
)
Index("uq_payout_holding_report", payout_holding.c.report_id, unique=True)
Index("ix_payout_holding_list", payout_holding.c.organization_id, payout_holding.c.id)
Index("ix_payout_holding_state", payout_holding.c.organization_id, payout_holding.c.state, payout_holding.c.id)
Index(
    "ix_payout_holding_must_act",
    payout_holding.c.organization_id,
    payout_holding.c.must_act,
    payout_holding.c.id,
    postgresql_where=text("must_act is not null"),
)
Index(
    "ix_payout_holding_stuck",
    payout_holding.c.must_act,
    payout_holding.c.stuck_at,
    postgresql_where=text("stuck_at is not null"),
)

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
    # the rail's own word for how far it is: `initiated`, `mailed`, `unclaimed`; in lower case
    Column("stage", String(40)),
    # when the bank paid, where that is later than handing it over (a check)
    Column("paid_at", Instant),
    # how often it was asked to be stopped: the ordinal of the money step `stop/<ordinal>`
    Column("stops", Integer, nullable=False, server_default=text("0")),
    Column("stop_reason", String(100)),
    # of an attempt that a person hands over
    Column("owner_id", Uuid, ForeignKey("operator.id")),
    Column("due_at", Instant),
    Column("overdue_at", Instant),
    # when we were told that its rail has said nothing final for too long
    Column("late_at", Instant),
    # why it came back, in the bank's words
    Column("returned_code", String(40)),
    Column("returned_reason", Text),
    # what its rail has taken for it beside the amount, minor units
    Column("fee", BigInteger, nullable=False, server_default=text("0")),
    created_at(),
    CheckConstraint("kind ~ '^[a-z]{2,10}$'", name="kind"),
    CheckConstraint("ordinal >= 1", name="ordinal"),
    CheckConstraint("fee >= 0", name="fee"),
    CheckConstraint("stops >= 0 and (stops = 0) = (stop_reason is null)", name="stops"),
    CheckConstraint("(owner_id is null) = (due_at is null)", name="task"),
)
Index(
    "ix_payout_attempt_due",
    payout_attempt.c.due_at,
    postgresql_where=text("due_at is not null and overdue_at is null"),
)
Index("uq_payout_attempt_ordinal", payout_attempt.c.holding_id, payout_attempt.c.ordinal, unique=True)
