"""Childcare subsidies through Chek: programmes, families, providers, budgets and payments."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.allocation import month_allocation
from db.tables.care_day import care_day
from db.tables.chek_wallet import chek_wallet
from db.tables.family import child, family, family_payment_settings
from db.tables.lump_sum import lump_sum
from db.tables.payment_intent import payment_attempt, payment_intent, payment_intent_item, provider_payment
from db.tables.program import program, program_funding
from db.tables.provider import payment_rate, provider, provider_payment_settings

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    chek_wallet,
    program,
    program_funding,
    family,
    family_payment_settings,
    child,
    provider,
    provider_payment_settings,
    payment_rate,
    month_allocation,
    care_day,
    lump_sum,
    payment_intent,
    payment_intent_item,
    payment_attempt,
    provider_payment,
)

FUNCTIONS = (
    "provider_payment_applied",
    "provider_payment_paid",
    "payment_intent_whole",
    "payment_intent_release",
    "payment_intent_guard",
    "payment_item_guard",
    "month_allocation_guard",
    "childcare_kept",
    "childcare_select",
)


def upgrade() -> None:
    """Create the tables and the triggers that keep budgets and payments right."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}')")
    run_sql_file("0007_childcare.sql")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    for table in reversed(TABLES):
        table.drop(bind)
    for function in FUNCTIONS:
        op.execute(f"drop function {function}()")
