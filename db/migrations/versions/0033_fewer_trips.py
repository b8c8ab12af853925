"""A request that begins a payment makes fewer trips to the database, and locks its merchant for fewer of them."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the functions; answers of requests are part of what a unit of work leaves behind."""
    run_sql_file("0033_admit_key.sql")
    run_sql_file("0033_outbox_delivered.sql")
    run_sql_file("0033_merchant_terms.sql")
    run_sql_file("0033_trail.sql")


def downgrade() -> None:
    """Drop them, and leave answers out again."""
    run_sql_file("0033_trail_down.sql")
    for name in ("merchant_terms", "outbox_delivered", "admit_key"):
        op.execute(f"drop function {name}")
