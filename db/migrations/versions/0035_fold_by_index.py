"""Folding takes as long as what is new, not as long as all that the books hold."""

from db.migrations.sql_file import run_sql_file

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the function."""
    run_sql_file("0035_fold.sql")


def downgrade() -> None:
    """As before."""
    run_sql_file("0035_fold_down.sql")
