"""Wires that come back after two persons confirmed them."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.wire_return import wire_return

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table with its rules."""
    wire_return.create(op.get_bind())
    op.execute("select protect_organization_table('public.wire_return', 'select, insert, update')")
    run_sql_file("0023_wire_return.sql")


def downgrade() -> None:
    """Drop them."""
    op.execute("drop trigger line_is_one_movement on deposit")
    wire_return.drop(op.get_bind())
    op.execute("drop function wire_return_guard()")
    op.execute("drop function bank_line_guard()")
