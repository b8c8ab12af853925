"""Payouts of childcare providers are followed to the bank: settled, or sent back."""

import re
from pathlib import Path

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

REPLACED = ("payment_intent_guard", "payment_intent_whole")


def upgrade() -> None:
    """Add the columns that are missing, and the rules."""
    run_sql_file("0018_payout_settlement.sql")


def downgrade() -> None:
    """Back to payments that end when Chek took them in; refused by the constraints where one was followed."""
    op.execute("drop trigger provider_payment_followed on provider_payment")
    op.execute("drop function provider_payment_followed()")
    op.execute("drop trigger kept on provider_payment")
    op.execute(
        "create trigger kept before update or delete or truncate on provider_payment"
        " for each statement execute function childcare_kept()"
    )
    earlier = (Path(__file__).parents[1] / "sql" / "0007_childcare.sql").read_text(encoding="utf-8")
    for name in REPLACED:
        found = re.search(rf"create (function public\.{name}\(\).*?\n\$\$;)", earlier, re.DOTALL)
        if found is None:
            raise RuntimeError(f"0007 has no {name}")
        op.get_bind().exec_driver_sql("create or replace " + found[1])
