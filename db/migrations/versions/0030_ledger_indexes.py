"""The books keep no index entry that nobody asks for: less is written with each posting and each hold."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop what no reader uses.

    A money call and a reservation know their hold; nobody looks a hold up by its owner. The audit row of a transaction
    of the books is found by the transaction's xid (`entry_xid`), all others by their subject.
    """
    op.execute("drop index ledger.hold_owner")
    op.execute("drop index audit.entry_subject")
    op.execute(
        "create index entry_subject on audit.entry (organization_id, subject_kind, subject_id)"
        " where subject_kind <> 'ledger_transaction'"
    )


def downgrade() -> None:
    """Back to the whole indexes of 0002 and 0003."""
    op.execute("drop index audit.entry_subject")
    op.execute("create index entry_subject on audit.entry (organization_id, subject_kind, subject_id)")
    op.execute("create index hold_owner on ledger.hold (owner_id)")
