"""Organizations, operators, keys, outbox, inbox, cases, the business clock and row-level security."""

from alembic import op

from db.migrations.sql_file import run_sql_file
from db.tables.case_file import case_file
from db.tables.clock import business_clock
from db.tables.event import event_delivery, outgoing_event, webhook_endpoint, workflow_outbox
from db.tables.idempotency import idempotency_key, rate_limit_bucket
from db.tables.inbox import inbox_event
from db.tables.organization import api_key, operator, organization

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OF_AN_ORGANIZATION = [
    operator,
    api_key,
    idempotency_key,
    case_file,
    inbox_event,
    workflow_outbox,
    outgoing_event,
    webhook_endpoint,
    event_delivery,
]


def upgrade() -> None:
    """Create the tables that every flow needs."""
    bind = op.get_bind()
    for table in [organization, business_clock, rate_limit_bucket, *OF_AN_ORGANIZATION]:
        table.create(bind)
    run_sql_file("0001_core.sql")
    op.execute("insert into business_clock default values")
    for table in OF_AN_ORGANIZATION:
        op.execute(f"select protect_organization_table('public.{table.name}')")
    op.execute("grant delete on idempotency_key to bursar_app, bursar_system")
    op.execute("grant select, insert, update on rate_limit_bucket to bursar_app, bursar_system")
    op.execute("grant select on business_clock to bursar_app, bursar_system")
    # an organization is its own owner: its row is seen under its own id
    op.execute("alter table organization enable row level security")
    op.execute("alter table organization force row level security")
    op.execute("create policy of_organization on organization to bursar_app using (id = current_organization())")
    op.execute("create policy of_system on organization to bursar_system using (true) with check (true)")
    op.execute("create policy of_owner on organization to current_user using (true) with check (true)")
    op.execute("grant select on organization to bursar_app")
    op.execute("grant select, insert, update on organization to bursar_system")


def downgrade() -> None:
    """Drop them again; the roles stay, they belong to the server."""
    bind = op.get_bind()
    for table in reversed([organization, business_clock, rate_limit_bucket, *OF_AN_ORGANIZATION]):
        table.drop(bind)
    for function in (
        "take_token(text, numeric, numeric)",
        "open_case(uuid, text, text, text, text, jsonb)",
        "advance_business_clock(timestamptz)",
        "business_now()",
        "protect_organization_table(text, text)",
        "current_organization()",
    ):
        op.execute(f"drop function if exists {function}")
    op.execute("revoke usage on schema public from bursar_app, bursar_system")
