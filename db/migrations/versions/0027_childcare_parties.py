"""Keys of families and providers, who see and change only what is theirs; children per provider."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.party_key import party_key

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OF_FAMILY = (
    "family",
    "child",
    "month_allocation",
    "payment_intent",
    "family_payment_settings",
    "care_day",
    "lump_sum",
    "attendance",
    "payment_rate",
    "provider_payment",
)
OF_PROVIDER = (
    "provider",
    "provider_payment_settings",
    "care_day",
    "lump_sum",
    "attendance",
    "payment_rate",
    "payment_intent",
    "provider_payment",
)


def upgrade() -> None:
    """Create the table, the policies and the triggers."""
    party_key.create(op.get_bind())
    # whose a key is does not change
    op.execute("select protect_organization_table('public.party_key', 'select, insert')")
    run_sql_file("0027_childcare_parties.sql")


def downgrade() -> None:
    """Drop them."""
    op.execute("drop trigger kept on payment_rate")
    op.execute("drop trigger childcare_children on payment_rate")
    op.execute("drop function childcare_children()")
    op.execute("alter table program drop column children_per_provider")
    for name, tables in (("of_family", OF_FAMILY), ("of_provider", OF_PROVIDER)):
        for table in tables:
            op.execute(f"drop policy {name} on {table}")
    op.execute("drop function acting_family()")
    op.execute("drop function acting_provider()")
    party_key.drop(op.get_bind())
