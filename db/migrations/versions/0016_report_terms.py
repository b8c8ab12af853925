"""What an organization asks of reports, receipts, mileage, and how much an operator may approve in a day."""

from alembic import op
from sqlalchemy import CheckConstraint

from db.migrations.sql_file import run_sql_file
from db.tables.approval_limit import approval_limit
from db.tables.mileage_rate import mileage_rate
from db.tables.receipt import receipt
from db.tables.reimbursement_policy import reimbursement_policy
from db.tables.report import expense, report

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = (
    (reimbursement_policy, "select, insert, update"),
    (approval_limit, "select, insert, update"),
    (mileage_rate, "select, insert"),
    (receipt, "select, insert, delete"),
)
# a database that is made anew has all of these from 0008 on
COLUMNS = {
    "report": ("authors uuid[] not null default '{}'", "maximum bigint", "approved_amount bigint"),
    "expense": (
        "kind varchar(10) not null default 'ordinary'",
        "distance bigint",
        "rate integer",
        "rate_source varchar(200)",
    ),
}
CHECKS = {
    "report": ("currency", "maximum", "authors_decide_nothing"),
    "expense": ("kind", "mileage_parts", "mileage_amount"),
}
INDEXES = ("ix_report_approver", "ix_expense_same")
GUARDS = {
    "report_terms_guard": "report",
    "expense_terms_guard": "expense",
    "receipt_guard": "receipt",
    "mileage_rate_guard": "mileage_rate",
}


def upgrade() -> None:
    """Create the tables, and the columns and rules that reports and expenses get."""
    bind = op.get_bind()
    for table_name, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table_name} add column if not exists {column}")
    op.execute("update report set authors = array[created_by] where authors = '{}'")
    for table in (report, expense):
        rules = {str(rule.name): rule.sqltext for rule in table.constraints if isinstance(rule, CheckConstraint)}
        for name in CHECKS[table.name]:
            full = f"ck_{table.name}_{name}"
            op.execute(f"alter table {table.name} drop constraint if exists {full}")
            op.execute(f"alter table {table.name} add constraint {full} check ({rules[full]})")
    op.execute("create index if not exists ix_report_approver on report (approved_by, reimbursement_approved_at)")
    op.execute("create index if not exists ix_expense_same on expense (organization_id, amount, spent_on)")
    for table, grants in TABLES:
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}', '{grants}')")
    run_sql_file("0016_report_terms.sql")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    for function, table_name in GUARDS.items():
        op.execute(f"drop trigger {function} on {table_name}")
        op.execute(f"drop function {function}()")
    for table, _ in reversed(TABLES):
        table.drop(bind)
    for name in INDEXES:
        op.execute(f"drop index if exists {name}")
    for table_name, columns in COLUMNS.items():
        for check in CHECKS[table_name]:
            op.execute(f"alter table {table_name} drop constraint ck_{table_name}_{check}")
        for column in columns:
            op.execute(f"alter table {table_name} drop column {column.split()[0]}")
