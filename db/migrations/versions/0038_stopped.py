"""What stopped until an operator decides is a case."""

from db.migrations.sql_file import run_sql_file

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Flows whose own cases did not say so."""
    run_sql_file("0038_stopped.sql")


def downgrade() -> None:
    """As before; such cases are closed, for nothing else would close them."""
    run_sql_file("0038_stopped_down.sql")
