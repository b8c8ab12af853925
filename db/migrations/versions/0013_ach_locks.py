"""The guard of refunds and voids takes the weaker row lock, as all other code does."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change how the guard locks the original."""
    run_sql_file("0013_ach_locks.sql")


def downgrade() -> None:
    """Nothing: the stronger lock guarded nothing more, and the function goes with 0010."""
    op.execute("select 1")
