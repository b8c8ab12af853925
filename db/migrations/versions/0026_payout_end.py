"""How a payout ends: why an attempt came back, since when its rail owes us a word, what a bank kept of a wire."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BANK_FEES = "expense:bank_fees"
COLUMNS = {
    "payout_attempt": ("late_at timestamptz", "returned_code varchar(40)", "returned_reason text"),
    "wire_return": ("fee bigint not null default 0",),
}


def upgrade() -> None:
    """Add the columns, and the account of what banks keep. A database that is made anew has the columns already."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table} add column if not exists {column}")
    op.execute("alter table wire_return drop constraint if exists ck_wire_return_fee")
    op.execute("alter table wire_return add constraint ck_wire_return_fee check (fee >= 0)")
    op.execute(
        "insert into ledger.chart (pattern, normal, floor, mode, meaning) values"
        f" ('{BANK_FEES}', 'debit', null, 'deferred', 'what banks kept of money that they sent back')"
    )


def downgrade() -> None:
    """Take them back; an account that was booked on keeps its place in the chart."""
    op.execute(
        f"delete from ledger.chart where pattern = '{BANK_FEES}'"
        f" and not exists (select from ledger.account where code = '{BANK_FEES}')"
    )
    op.execute("alter table wire_return drop constraint ck_wire_return_fee")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table} drop column {column.split()[0]}")
