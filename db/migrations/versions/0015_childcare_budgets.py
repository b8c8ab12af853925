"""Childcare budgets whole: first months, week locks, attendance, and reclaims of what was not used."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.attendance import attendance
from db.tables.reclaim import reclaim

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (attendance, reclaim)
# a database that is made anew has these from 0007 on
COLUMNS = {
    "program": ("last_month",),
    "child": ("monthly_cents", "first_month_cents", "starts_on"),
    "provider": ("attendance_waived",),
    "month_allocation": ("basis",),
}


def upgrade() -> None:
    """Create the tables, the columns that are missing, and the triggers."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}', 'select, insert, update')")
    run_sql_file("0015_childcare_budgets.sql")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    for table in reversed(TABLES):
        table.drop(bind)
    op.execute("drop trigger care_day_lock on care_day")
    for function in ("reclaim_applied()", "reclaim_budget()", "care_day_lock()", "childcare_week_lock(date, text)"):
        op.execute(f"drop function {function}")
    for table_name, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table_name} drop column {column}")
