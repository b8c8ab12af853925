"""Reimbursement reports and their expenses (seed 002). Triggers keep what an approval binds to from changing."""

from sqlalchemy import (
    ARRAY,
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

from db.tables.metadata import Instant, created_at, identity, metadata, owner

report = Table(
    "report",
    metadata,
    identity(),
    owner(),
    Column("payee_id", Uuid, ForeignKey("payee.id"), nullable=False),
    Column("payee_operator_id", Uuid, ForeignKey("operator.id")),
    Column("method_id", Uuid, ForeignKey("payout_method.id")),
    Column("name", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(30), nullable=False, server_default=text("'draft'")),
    # how a payout that is being wound up will end
    Column("ending", String(10)),
    Column("created_by", Uuid, ForeignKey("operator.id"), nullable=False),
    # every operator who wrote a part of it: none of them decides on it
    Column("authors", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    # most that it may come to, minor units; beside the organization's own maximum
    Column("maximum", BigInteger),
    Column("submitted_by", Uuid, ForeignKey("operator.id")),
    Column("submitted_at", Instant),
    Column("reviewed_by", Uuid, ForeignKey("operator.id")),
    Column("reimbursement_requested_at", Instant),
    Column("approved_by", Uuid, ForeignKey("operator.id")),
    Column("reimbursement_approved_at", Instant),
    Column("approval_hash", LargeBinary),
    # what the approver took out of their limit
    Column("approved_amount", BigInteger),
    Column("reservation_id", Uuid),
    # the holding's id, given at the approval so that the reservation stands in its accounts
    Column("holding_id", Uuid),
    Column("reimbursed_at", Instant),
    Column("ended_at", Instant),
    Column("code", String(40)),
    Column("message", Text),
    created_at(),
    CheckConstraint(
        "state in ('draft', 'submitted', 'reimbursement_requested', 'reimbursement_approved', 'reimbursing',"
        " 'reimbursed', 'rejected', 'cancelled', 'reversed')",
        name="state",
    ),
    CheckConstraint("ending is null or ending in ('cancelled', 'reversed')", name="ending"),
    CheckConstraint(
        "approved_by is null or (approved_by <> created_by and approved_by is distinct from submitted_by"
        " and approved_by is distinct from payee_operator_id)",
        name="approved_by_another",
    ),
    CheckConstraint(
        "reviewed_by is null or (reviewed_by <> created_by and reviewed_by is distinct from submitted_by"
        " and reviewed_by is distinct from payee_operator_id)",
        name="reviewed_by_another",
    ),
    CheckConstraint(
        "state not in ('reimbursement_approved', 'reimbursing', 'reimbursed')"
        " or (approved_by is not null and approval_hash is not null and holding_id is not null)",
        name="approved",
    ),
    # every payout method pays dollars; another currency would need a rate that nobody has approved
    CheckConstraint("currency = 'USD'", name="currency"),
    CheckConstraint("maximum is null or maximum > 0", name="maximum"),
    CheckConstraint(
        "(approved_by is null or approved_by <> all (authors))"
        " and (reviewed_by is null or reviewed_by <> all (authors))",
        name="authors_decide_nothing",
    ),
)
Index("ix_report_list", report.c.organization_id, report.c.id)
Index("ix_report_state", report.c.organization_id, report.c.state, report.c.id)
Index("ix_report_payee", report.c.payee_id)
Index("ix_report_approver", report.c.approved_by, report.c.reimbursement_approved_at)
Index("ix_report_being_paid", report.c.id, postgresql_where=text("state in ('reimbursement_approved', 'reimbursing')"))

expense = Table(
    "expense",
    metadata,
    identity(),
    owner(),
    Column("report_id", Uuid, ForeignKey("report.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(10), nullable=False, server_default=text("'ordinary'")),
    Column("memo", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=text("''")),
    Column("spent_on", Date),
    Column("amount", BigInteger, nullable=False),
    # mileage: hundredths of a mile, tenths of a cent per mile, and who set that rate
    Column("distance", BigInteger),
    Column("rate", Integer),
    Column("rate_source", String(200)),
    Column("state", String(10), nullable=False, server_default=text("'pending'")),
    Column("approved_by", Uuid, ForeignKey("operator.id")),
    Column("approved_at", Instant),
    created_at(),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("memo <> ''", name="memo"),
    CheckConstraint("state in ('pending', 'approved')", name="state"),
    CheckConstraint("(state = 'approved') = (approved_by is not null)", name="approved"),
    CheckConstraint("kind in ('ordinary', 'mileage')", name="kind"),
    CheckConstraint(
        "num_nonnulls(distance, rate, rate_source) = case kind when 'mileage' then 3 else 0 end", name="mileage_parts"
    ),
    # half a cent up, as domain.mileage does
    CheckConstraint(
        "kind <> 'mileage' or (spent_on is not null and amount = (distance * rate + 500) / 1000)", name="mileage_amount"
    ),
)
Index("ix_expense_same", expense.c.organization_id, expense.c.amount, expense.c.spent_on)
Index("uq_expense_number", expense.c.report_id, expense.c.number, unique=True)
