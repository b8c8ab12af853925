"""What a rail takes for a payout beside it, per attempt, on the account of what banks keep; reports being paid."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MEANING = "update ledger.chart set meaning = '{}' where pattern = 'expense:bank_fees'"


def upgrade() -> None:
    """Add the column. A database that is made anew has it already."""
    op.execute("alter table payout_attempt add column if not exists fee bigint not null default 0")
    op.execute("alter table payout_attempt drop constraint if exists ck_payout_attempt_fee")
    op.execute("alter table payout_attempt add constraint ck_payout_attempt_fee check (fee >= 0)")
    op.execute(
        "create index if not exists ix_report_being_paid on report (id)"
        " where state in ('reimbursement_approved', 'reimbursing')"
    )
    op.execute(MEANING.format("what banks kept of money that they sent back, and what PayPal charges for payouts"))


def downgrade() -> None:
    """Take it back."""
    op.execute("drop index ix_report_being_paid")
    op.execute("alter table payout_attempt drop column fee")
    op.execute(MEANING.format("what banks kept of money that they sent back"))
