"""ACH credits, refunds and voids: the database keeps one writer per original debit and the sum of its refunds."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the guard, and what is missing in older databases."""
    run_sql_file("0010_ach_operations.sql")


def downgrade() -> None:
    """Entries are guarded by the application alone again; columns and indexes go with their tables."""
    op.execute("drop trigger ach_child_guard on ach_transaction")
    op.execute("drop function ach_child_guard()")
    op.execute("drop function ach_counts(text)")
    op.execute("drop function ach_return_waits(text, text)")
