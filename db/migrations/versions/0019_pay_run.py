"""Pay runs over the care days of a period, and where families and providers are written to."""

from alembic import op

from db.tables.pay_run import pay_run, pay_run_pair

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (pay_run, pay_run_pair)
WRITTEN_TO = ("family", "provider")


def upgrade() -> None:
    """Create the tables and the columns that are missing."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}', 'select, insert, update')")
    # a database that is made anew has these from 0007 on
    for table_name in WRITTEN_TO:
        op.execute(f"alter table {table_name} add column if not exists email bytea")


def downgrade() -> None:
    """Drop them."""
    for table_name in WRITTEN_TO:
        op.execute(f"alter table {table_name} drop column email")
    for table in reversed(TABLES):
        table.drop(op.get_bind())
