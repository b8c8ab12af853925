"""The double-entry ledger: chart of accounts, transactions, entries, holds, balances and the functions that post."""

import sqlalchemy as sa
from alembic import op

from db.migrations.sql_file import run_sql_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OF_AN_ORGANIZATION = ("account", "balance", "transaction", "entry", "hold", "folded", "folded_day", "checkpoint")

FOR_THE_APPLICATION = (
    "post(uuid, text, text, text, jsonb, date, text, boolean)",
    "hold(uuid, text, text, text, jsonb, date, text, uuid, text)",
    "post_hold(uuid, uuid, text, date, bigint, boolean)",
    "void_hold(uuid, uuid, text, date)",
    "close_account(uuid, text, text)",
    "balance_now(uuid, text, text)",
    "available(uuid, text, text)",
    "balance_as_of(uuid, text, text, timestamptz)",
    "balance_on(uuid, text, text, date)",
    "rule_for(text)",
    "fits(text, text)",
    "no_xid()",
)
FOR_THE_SYSTEM = (
    "fold(integer)",
    "told(text, text, text, uuid, date, timestamptz, jsonb)",
    "told_entry(text, text, bigint, text, ledger.layer, boolean)",
)

CHART = (
    ("org:*:cash", "credit", 0, "checked", "money of an organization that it may spend"),
    ("org:*:uncleared", "credit", None, "checked", "money of an organization that a rail may still take back"),
    ("external:bank", "debit", None, "deferred", "the custodian's bank account"),
    ("external:bank:*", "debit", None, "deferred", "one of several bank accounts of the custodian"),
    ("external:funders", "debit", None, "deferred", "what funders brought, where no bank account of ours received it"),
    ("rail:*:in_transit", "debit", None, "deferred", "money on its way through a rail, not yet at the bank"),
    ("rail:*:cash", "debit", None, "deferred", "money of ours that the rail's operator keeps"),
    ("program:*:funds", "credit", None, "deferred", "a programme's money not yet given to families"),
    ("family:*:wallet:*", "credit", 0, "checked", "a family's wallet, per allocation"),
    ("provider:*:wallet", "credit", 0, "checked", "a childcare provider's wallet"),
    ("provider:*:card", "credit", None, "checked", "money put on a provider's card"),
    ("clearing:reimbursements:*:funding", "credit", None, "checked", "what an organization brings to one payout"),
    ("clearing:reimbursements:*", "credit", 0, "checked", "what the clearinghouse owes to one payout"),
    ("receivable:**", "debit", None, "deferred", "what an account's owner owes since a fact took more than it had"),
)


def upgrade() -> None:
    """Create the schema, close its functions to everybody and open the interface to the application's roles."""
    for part in ("1_tables", "2_accounts", "3_post", "4_hold", "5_read", "6_fold"):
        run_sql_file(f"0002_ledger_{part}.sql")
    for table in OF_AN_ORGANIZATION:
        op.execute(f"select protect_organization_table('ledger.{table}', 'select')")
    op.execute("revoke all on all functions in schema ledger from public")
    for function in FOR_THE_APPLICATION:
        op.execute(f"grant execute on function ledger.{function} to bursar_app, bursar_system")
    for function in FOR_THE_SYSTEM:
        op.execute(f"grant execute on function ledger.{function} to bursar_system")
    chart = sa.table(
        "chart", *(sa.column(c) for c in ("pattern", "normal", "floor", "mode", "meaning")), schema="ledger"
    )
    op.bulk_insert(chart, [dict(zip(chart.columns.keys(), row, strict=True)) for row in CHART])


def downgrade() -> None:
    """Drop the schema; only an empty system goes back this far."""
    op.execute("drop schema ledger cascade")
