"""When a call first left is business time: where the clock was moved, keys ended too late and listings began early."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change where the instant is taken from."""
    run_sql_file("0020_first_sent_at.sql")


def downgrade() -> None:
    """Nothing: the two times differ in a sandbox only, and the function goes with 0004."""
    op.execute("select 1")
