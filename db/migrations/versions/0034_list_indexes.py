"""Lists are read by index, whoever else has how many rows, and whatever state is asked for.

Row-level security alone finds an organization's newest rows among everybody's. Of the rows in one state, which are few
of many, an index that leads to them knows the order as well.

The indexes are built CONCURRENTLY, each by itself: a running release goes on writing meanwhile. One that was
interrupted is left invalid, and is dropped and built anew when the migration is run again.
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_ach_account_change_state": "ach_account_change (organization_id, state, id)",
    "ix_ach_account_list": "ach_account (organization_id, id)",
    "ix_ach_account_state": "ach_account (organization_id, state, id)",
    "ix_ach_authorization_state": "ach_authorization (organization_id, state, id)",
    "ix_ach_return_state": "ach_return (organization_id, state, id)",
    "ix_ach_transaction_state": "ach_transaction (organization_id, ach_state, id)",
    "ix_attendance_provider": "attendance (provider_id, id)",
    "ix_attendance_week": "attendance (organization_id, week, id)",
    "ix_care_day_child": "care_day (child_id, id)",
    "ix_care_day_provider": "care_day (provider_id, id)",
    "ix_case_file_state": "case_file (organization_id, state, id)",
    "ix_child_list": "child (organization_id, id)",
    "ix_event_delivery_given_up": "event_delivery (endpoint_id) where given_up_at is not null",
    "ix_family_list": "family (organization_id, id)",
    "ix_lump_sum_child": "lump_sum (child_id, id)",
    "ix_lump_sum_provider": "lump_sum (provider_id, id)",
    "ix_mail_state": "mail (organization_id, state, id)",
    "ix_money_call_state": "money_call (organization_id, state, id)",
    "ix_month_allocation_funding_state": "month_allocation (organization_id, funding_state, id)",
    "ix_month_allocation_month": "month_allocation (organization_id, month, id)",
    "ix_onboarding_family": "onboarding (family_id)",
    "ix_onboarding_provider": "onboarding (provider_id)",
    "ix_onboarding_state": "onboarding (organization_id, state, id)",
    "ix_payee_list": "payee (organization_id, id)",
    "ix_payment_intent_child": "payment_intent (child_id, id)",
    "ix_payment_intent_state": "payment_intent (organization_id, state, id)",
    "ix_payment_rate_child": "payment_rate (child_id, id)",
    "ix_payment_rate_list": "payment_rate (organization_id, id)",
    "ix_payout_holding_list": "payout_holding (organization_id, id)",
    "ix_payout_holding_must_act": "payout_holding (organization_id, must_act, id) where must_act is not null",
    "ix_payout_holding_state": "payout_holding (organization_id, state, id)",
    "ix_provider_list": "provider (organization_id, id)",
    "ix_provider_payment_intent": "provider_payment (payment_intent_id)",
    "ix_reclaim_state": "reclaim (organization_id, state, id)",
    "ix_report_state": "report (organization_id, state, id)",
}
"""By name, the table and its columns."""


def upgrade() -> None:
    """Build them; who holds a table back is waited for as long as it takes, for nobody waits behind this."""
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        for name, on in INDEXES.items():
            op.execute(f"drop index concurrently if exists {name}")
            op.execute(f"create index concurrently {name} on {on}")
        op.execute("set lock_timeout = '10s'")


def downgrade() -> None:
    """Drop them."""
    for name in INDEXES:
        op.execute(f"drop index {name}")
