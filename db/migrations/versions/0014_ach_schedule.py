"""The dates of a recurring authorization may be moved, with a notice of their own kind."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, the kind of notice and the guard."""
    run_sql_file("0014_ach_schedule.sql")


def downgrade() -> None:
    """Take them back; the guard of 0012 goes with 0012."""
    op.execute("drop trigger ach_schedule_guard on ach_authorization")
    op.execute("drop function ach_schedule_guard()")
    op.execute("alter table ach_authorization drop column schedule_from")
