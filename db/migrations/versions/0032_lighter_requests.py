"""Units of work ask less: what they leave behind is written in one call, and so is an idempotency key claimed.

An account's last use is read where its entries are: a debit that was taken wrote its account anew, and the next debits
of that account waited for it.
"""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the functions and drop the column."""
    run_sql_file("0032_idempotency_claim.sql")
    run_sql_file("0032_trail.sql")
    op.execute("alter table ach_account drop column if exists last_used_at")


def downgrade() -> None:
    """Drop the functions and fill the column again."""
    op.execute("drop function write_trail")
    op.execute("drop function claim_idempotency_key")
    op.execute("alter table ach_account add column last_used_at timestamptz")
    op.execute(
        "update ach_account set last_used_at = (select max(processed_at) from ach_transaction"
        " where account_id = ach_account.id and auth_guid is not null)"
    )
