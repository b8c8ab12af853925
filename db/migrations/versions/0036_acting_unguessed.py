"""Who acts for nobody in particular is expected to see what he sees: lists of childcare are read by index."""

from db.migrations.sql_file import run_sql_file

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The same policies, said so that the planner does not guess."""
    run_sql_file("0036_acting.sql")


def downgrade() -> None:
    """As before."""
    run_sql_file("0036_acting_down.sql")
