"""Reimbursements: payees and their methods, reports, expenses, payouts, deposits and mail."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.deposit import deposit
from db.tables.mail import mail
from db.tables.payee import payee, payout_method
from db.tables.payout import expense_payout, payout_attempt, payout_holding
from db.tables.report import expense, report

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (payee, payout_method, report, expense, payout_holding, expense_payout, payout_attempt, deposit, mail)
FUNCTIONS = (
    "report_guard",
    "expense_guard",
    "payout_holding_guard",
    "expense_payout_guard",
    "payout_sum",
    "payout_attempt_guard",
)


def upgrade() -> None:
    """Create the tables and the triggers that keep their promises."""
    bind = op.get_bind()
    for table in TABLES:
        table.create(bind)
        grants = "select, insert, update, delete" if table is expense else "select, insert, update"
        op.execute(f"select protect_organization_table('public.{table.name}', '{grants}')")
    run_sql_file("0008_reimbursement.sql")


def downgrade() -> None:
    """Drop them."""
    bind = op.get_bind()
    for table in reversed(TABLES):
        table.drop(bind)
    for function in FUNCTIONS:
        op.execute(f"drop function public.{function}()")
