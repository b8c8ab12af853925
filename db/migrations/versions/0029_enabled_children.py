"""A child that is enabled anew is held to its providers' children, as one that comes to them is."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the trigger."""
    run_sql_file("0029_enabled_children.sql")


def downgrade() -> None:
    """Drop it."""
    op.execute("drop trigger childcare_enabled_children on child")
    op.execute("drop function childcare_enabled_children()")
