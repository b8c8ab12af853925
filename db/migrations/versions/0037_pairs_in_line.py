"""A pay run finds who is next by index, however many wait.

Built CONCURRENTLY, as in 0034.
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

LINE, STATE = "ix_pay_run_pair_line", "ix_pay_run_pair_state"


def upgrade() -> None:
    """The new index knows the order as well."""
    _replace(STATE, LINE, "pay_run_id, state, id")


def downgrade() -> None:
    """As before."""
    _replace(LINE, STATE, "pay_run_id, state")


def _replace(old: str, new: str, columns: str) -> None:
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute(f"drop index concurrently if exists {new}")
        op.execute(f"create index concurrently {new} on pay_run_pair ({columns})")
        op.execute(f"drop index concurrently if exists {old}")
        op.execute("set lock_timeout = '10s'")
