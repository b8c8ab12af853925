"""ACH through the gateway: merchants, stored accounts, transactions, and the sequence of TRAN_NBR."""

from alembic import op
from sqlalchemy.schema import CreateSequence, DropSequence

from db.tables.ach import ach_account, ach_transaction, epx_tran_nbr, merchant
from db.tables.feed import feed_reading

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    bind = op.get_bind()
    bind.execute(CreateSequence(epx_tran_nbr))
    op.execute("grant usage on sequence epx_tran_nbr to bursar_app, bursar_system")
    feed_reading.create(bind)
    op.execute("grant select, insert, update on feed_reading to bursar_app, bursar_system")
    for table in (merchant, ach_account, ach_transaction):
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}')")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    for table in (ach_transaction, ach_account, merchant, feed_reading):
        table.drop(bind)
    bind.execute(DropSequence(epx_tran_nbr))
