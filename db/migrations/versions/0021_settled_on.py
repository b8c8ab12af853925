"""The day on which an ACH entry settled, beside the instant at which that was heard."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; until now the day was taken to be the one on which it was heard."""
    op.execute("alter table ach_transaction add column if not exists settled_on date")
    op.execute(
        "update ach_transaction set settled_on = (settled_at at time zone 'America/New_York')::date"
        " where settled_at is not null"
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("alter table ach_transaction drop column settled_on")
