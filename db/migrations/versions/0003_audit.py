"""The audit trail: one row per change of state, sealed in a chain of hashed blocks."""

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOR_THE_SYSTEM = ("seal(integer)", "verify(bytea)")


def upgrade() -> None:
    """Create the schema: the application appends, the system seals and verifies, nobody changes."""
    for part in ("1_rows", "2_seal", "3_verify"):
        run_sql_file(f"0003_audit_{part}.sql")
    op.execute("select protect_organization_table('audit.entry', 'select')")
    op.execute("revoke all on all functions in schema audit from public")
    op.execute(
        "grant execute on function audit.append(uuid, text, text, text, text, jsonb) to bursar_app, bursar_system"
    )
    for function in FOR_THE_SYSTEM:
        op.execute(f"grant execute on function audit.{function} to bursar_system")


def downgrade() -> None:
    """Drop the schema; only an empty system goes back this far."""
    op.execute("drop schema audit cascade")
