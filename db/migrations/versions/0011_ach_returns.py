"""Returns and notifications of change: what came back, what was decided, what was corrected."""

from alembic import op

from db.tables.ach_account_change import ach_account_change
from db.tables.ach_return import ach_return

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# a database that is made anew has these from 0006 on
COLUMNS = {
    "merchant": ("reinitiate_returns boolean not null default false",),
    "ach_account": ("hold_code varchar(10)",),
    "ach_transaction": (
        "reinitiate boolean",
        "retry_of uuid constraint fk_ach_transaction_retry_of references ach_transaction (id)",
        "retry_number integer not null default 0",
        "entry_description varchar(10)",
    ),
}


def upgrade() -> None:
    """Create the tables, and the columns that debits and accounts get."""
    bind = op.get_bind()
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table} add column if not exists {column}")
    op.execute("create unique index if not exists uq_ach_transaction_retry_of on ach_transaction (retry_of)")
    for created in (ach_return, ach_account_change):
        created.create(bind)
        op.execute(f"select protect_organization_table('public.{created.name}')")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    for table in (ach_account_change, ach_return):
        table.drop(bind)
    for table_name, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"alter table {table_name} drop column {column.split()[0]}")
