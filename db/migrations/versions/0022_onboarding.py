"""Onboardings of families and providers at Chek."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.onboarding import onboarding

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FUNCTIONS = ("onboarding_true", "onboarding_guard")


def upgrade() -> None:
    """Create the table and the triggers that keep it right."""
    onboarding.create(op.get_bind())
    op.execute("select protect_organization_table('public.onboarding', 'select, insert, update')")
    run_sql_file("0022_onboarding.sql")


def downgrade() -> None:
    """Drop them."""
    onboarding.drop(op.get_bind())
    for function in FUNCTIONS:
        op.execute(f"drop function {function}()")
