"""Money calls: one row per request that must take effect at most once, changed only by its functions."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.money_call import money_call, money_call_send, wallet_in_flight, wallet_waiter

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "money_call_record(jsonb, bytea, bytea, text[])",
    "money_call_begin_send(uuid, bigint, interval, interval, text, jsonb)",
    "money_call_not_sent(uuid, bigint, timestamptz)",
    "money_call_in_doubt(uuid, bigint, text, text, text, text, jsonb, bytea)",
    "money_call_settle(jsonb, bytea)",
    "money_call_propose(uuid, uuid, jsonb)",
    "money_call_returned(uuid)",
    "money_call_lock(uuid)",
)
INNER_FUNCTIONS = (
    "money_call_told(money_call, text, jsonb)",
    "money_call_locked(uuid)",
    "money_call_learned(money_call, jsonb)",
    "money_call_is_confirmed(money_call, jsonb)",
)
"""What only the functions above call, as their owner."""


def upgrade() -> None:
    """Create the tables, their functions, and let the application only read and call."""
    bind = op.get_bind()
    for table in (money_call, money_call_send, wallet_in_flight):
        table.create(bind)
        op.execute(f"select protect_organization_table('public.{table.name}', 'select')")
    wallet_waiter.create(bind)
    op.execute("select protect_organization_table('public.wallet_waiter', 'select, insert, delete')")
    for part in ("1_rules", "2_send", "3_settle"):
        run_sql_file(f"0004_money_call_{part}.sql")
    for function in FUNCTIONS:
        op.execute(f"revoke all on function public.{function} from public")
        op.execute(f"grant execute on function public.{function} to bursar_app, bursar_system")


def downgrade() -> None:
    """Drop them; only an empty system goes back this far."""
    bind = op.get_bind()
    for function in (*FUNCTIONS, *INNER_FUNCTIONS):
        op.execute(f"drop function public.{function}")
    for table in (wallet_waiter, wallet_in_flight, money_call_send, money_call):
        table.drop(bind)
    op.execute("drop function money_call_guard()")
    op.execute("drop function money_call_no_delete()")
