"""Outgoing webhooks: deliveries are made with their event, retried with pauses, and given up after three days."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the deliveries need, and the trigger that makes them."""
    run_sql_file("0009_event_delivery.sql")


def downgrade() -> None:
    """Events are written without deliveries again; the columns go with their tables."""
    op.execute("drop trigger fan_out on outgoing_event")
    op.execute("drop function fan_out_event()")
