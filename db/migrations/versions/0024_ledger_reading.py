"""Balances and statements are read by their indexes, whoever asks; debits of one customer are found by one."""

import re
from pathlib import Path

from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

REPLACED = ("balance_now", "balance_as_of", "balance_on")
STATEMENT = "ledger.statement(uuid, text, text, bigint, uuid, integer, integer)"


def upgrade() -> None:
    """Readers run with the owner's rights, and say themselves whose books may be read."""
    run_sql_file("0024_ledger_reading.sql")
    op.execute(f"revoke execute on function {STATEMENT} from public")
    op.execute(f"grant execute on function {STATEMENT} to bursar_app, bursar_system")
    # a new database has it from the tables as they are now
    op.create_index(
        "ix_ach_transaction_customer", "ach_transaction", ["organization_id", "customer_id", "id"], if_not_exists=True
    )


def downgrade() -> None:
    """Back to readers with the caller's rights."""
    op.drop_index("ix_ach_transaction_customer", "ach_transaction")
    op.execute(f"drop function {STATEMENT}")
    earlier = (Path(__file__).parents[1] / "sql" / "0002_ledger_5_read.sql").read_text(encoding="utf-8")
    for name in REPLACED:
        found = re.search(rf"create (function ledger\.{name}\(.*?\n\$\$;)", earlier, re.DOTALL)
        if found is None:
            raise RuntimeError(f"0002 has no {name}")
        op.get_bind().exec_driver_sql(f"create or replace {found[1]}")
        signature = f"ledger.{name}(uuid, text, text{', timestamptz' if name == 'balance_as_of' else ''}"
        signature += ", date)" if name == "balance_on" else ")"
        op.execute(f"alter function {signature} security invoker")
