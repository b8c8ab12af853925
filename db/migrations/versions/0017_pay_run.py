"""Pay runs over the care days of a period."""

from alembic import op

from db.tables.pay_run import pay_run, pay_run_pair

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = (pay_run, pay_run_pair)


def upgrade() -> None:
    """Create the tables."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}', 'select, insert, update')")


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        table.drop(op.get_bind())
