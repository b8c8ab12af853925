"""A customer is told when a debit comes back."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the kind of notice."""
    run_sql_file("0025_return_notice.sql")


def downgrade() -> None:
    """Take it back; what was told stays, as a receipt is of its debit too."""
    op.execute("alter table ach_notice drop constraint ck_ach_notice_receipt_of_debit")
    op.execute(
        "alter table ach_notice add constraint ck_ach_notice_receipt_of_debit"
        " check ((kind = 'receipt') = (transaction_id is not null)) not valid"
    )
