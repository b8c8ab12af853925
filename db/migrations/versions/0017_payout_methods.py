"""Payout methods beside ACH: an attempt's stage, stop, owner and deadline; who is reminded, and since when."""

from alembic import op
from sqlalchemy import CheckConstraint

from db.migrations.sql_file import run_sql_file
from db.tables.payee import payout_method
from db.tables.payout import payout_attempt, payout_holding
from db.tables.paypal_top_up import paypal_top_up

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# a database that is made anew has all of these from 0008 on
COLUMNS = {
    "payout_holding": ("stuck_at timestamptz", "reminders integer not null default 0"),
    "payout_attempt": (
        "stage varchar(40)",
        "paid_at timestamptz",
        "stops integer not null default 0",
        "stop_reason varchar(100)",
        "owner_id uuid references operator (id)",
        "due_at timestamptz",
        "overdue_at timestamptz",
    ),
}
CHECKS = {
    "payout_holding": ("somebody_acts_when_stuck", "reminders"),
    "payout_attempt": ("kind", "stops", "task"),
    "payout_method": ("kind",),
}
NARROWER = {
    ("payout_holding", "somebody_acts_when_stuck"): (
        "state not in ('returned', 'action_required') or must_act in ('payee', 'operator')"
    ),
    ("payout_attempt", "kind"): "kind in ('ach', 'paypal', 'check')",
    ("payout_method", "kind"): "kind in ('ach')",
}


def upgrade() -> None:
    """Add the columns and rules, and the table of top-ups."""
    bind = op.get_bind()
    for table_name, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table_name} add column if not exists {column}")
    op.execute("update payout_holding set stuck_at = business_now() where state in ('returned', 'action_required')")
    for table in (payout_holding, payout_attempt, payout_method):
        rules = {str(rule.name): rule.sqltext for rule in table.constraints if isinstance(rule, CheckConstraint)}
        for name in CHECKS[table.name]:
            full = f"ck_{table.name}_{name}"
            op.execute(f"alter table {table.name} drop constraint if exists {full}")
            op.execute(f"alter table {table.name} add constraint {full} check ({rules[full]})")
    for table in (payout_holding, payout_attempt):
        for index in table.indexes:
            if index.name in ("ix_payout_holding_stuck", "ix_payout_attempt_due"):
                index.create(bind, checkfirst=True)
    paypal_top_up.create(bind)
    op.execute("select protect_organization_table('public.paypal_top_up', 'select, insert')")
    run_sql_file("0017_payout_methods.sql")


def downgrade() -> None:
    """Drop them."""
    run_sql_file("0017_payout_methods_down.sql")
    paypal_top_up.drop(op.get_bind())
    for index in ("ix_payout_holding_stuck", "ix_payout_attempt_due"):
        op.execute(f"drop index if exists {index}")
    for table_name, names in CHECKS.items():
        for name in names:
            op.execute(f"alter table {table_name} drop constraint ck_{table_name}_{name}")
            if (table_name, name) in NARROWER:
                rule = NARROWER[table_name, name]
                op.execute(f"alter table {table_name} add constraint ck_{table_name}_{name} check ({rule})")
    for table_name, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table_name} drop column {column.split()[0]}")
