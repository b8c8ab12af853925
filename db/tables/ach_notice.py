"""What a customer is told about debits, and when: notices before a charge, receipts, returns, monthly statements.

A notice is due on a New York date, and is sent by its mail. One without a mail came too late to be of use.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, String, Table, Uuid

from db.tables.metadata import Instant, created_at, identity, metadata, owner

ach_notice = Table(
    "ach_notice",
    metadata,
    identity(),
    owner(),
    Column("kind", String(20), nullable=False),
    # what it is the only notice of: one notice per kind and cause
    Column("cause", String(150), nullable=False),
    Column("merchant_id", Uuid, ForeignKey("merchant.id"), nullable=False),
    Column("customer_id", String(100), nullable=False),
    # of a statement: the authorization whose address it went to
    Column("authorization_id", Uuid, ForeignKey("ach_authorization.id"), nullable=False),
    Column("transaction_id", Uuid, ForeignKey("ach_transaction.id")),
    # the period that is announced, the first date of a change, or the first day of a statement's month
    Column("period_on", Date),
    Column("amount", BigInteger),
    Column("due_on", Date, nullable=False),
    Column("mail_id", Uuid, ForeignKey("mail.id")),
    # on the business clock, when it was seen that the mail server had taken it
    Column("sent_at", Instant),
    created_at(),
    CheckConstraint(
        "kind in ('copy', 'charge', 'amount_changed', 'date_changed', 'receipt', 'returned', 'statement')",
        name="kind",
    ),
    CheckConstraint("(kind in ('receipt', 'returned')) = (transaction_id is not null)", name="receipt_of_debit"),
    CheckConstraint("sent_at is null or mail_id is not null", name="sent_by_mail"),
)
Index("uq_ach_notice_cause", ach_notice.c.organization_id, ach_notice.c.kind, ach_notice.c.cause, unique=True)
Index("ix_ach_notice_authorization", ach_notice.c.authorization_id, ach_notice.c.id)
Index("ix_ach_notice_list", ach_notice.c.organization_id, ach_notice.c.id)
