"""Authorizations, their history and periods, and notices; debits name the authorization that they are made under."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.ach_authorization import ach_authorization, ach_authorization_change, ach_authorization_period
from db.tables.ach_notice import ach_notice

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = (
    (ach_authorization, "select, insert, update"),
    (ach_authorization_change, "select, insert"),
    (ach_authorization_period, "select, insert, update"),
    (ach_notice, "select, insert, update"),
)
# a database that is made anew has these from 0006 on
COLUMNS = ("authorization_id uuid", "authorization_basis varchar(30)", "period_on date")
INDEXES = ("uq_ach_transaction_period", "ix_ach_transaction_authorization")


def upgrade() -> None:
    """Create the tables, and the columns that entries get."""
    bind = op.get_bind()
    for table, grants in TABLES:
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}', '{grants}')")
    for column in COLUMNS:
        op.execute(f"alter table ach_transaction add column if not exists {column}")
    op.execute(
        "alter table ach_transaction add constraint fk_ach_transaction_authorization_id"
        " foreign key (authorization_id) references ach_authorization (id)"
    )
    op.execute(
        "create unique index if not exists uq_ach_transaction_period on ach_transaction (authorization_id, period_on)"
        " where period_on is not null and retry_of is null and ach_state not in ('declined', 'not_found', 'canceled')"
    )
    op.execute("create index if not exists ix_ach_transaction_authorization on ach_transaction (authorization_id, id)")
    run_sql_file("0012_ach_authorization.sql")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    op.execute("alter table ach_transaction drop constraint fk_ach_transaction_authorization_id")
    for name in INDEXES:
        op.execute(f"drop index if exists {name}")
    for column in COLUMNS:
        op.execute(f"alter table ach_transaction drop column {column.split()[0]}")
    for table, _ in reversed(TABLES):
        table.drop(bind)
    for function in ("ach_authorization_guard", "ach_authorization_kept", "ach_authorization_period_guard"):
        op.execute(f"drop function {function}()")
