"""An idempotency key is claimed in one call: the time to wait for it was set and taken back in two more."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the function."""
    run_sql_file("0032_idempotency_claim.sql")


def downgrade() -> None:
    """Drop it."""
    op.execute("drop function claim_idempotency_key")
