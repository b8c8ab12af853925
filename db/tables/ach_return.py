"""Returns of ACH entries: one row per return, matched or not, with the decision that was taken.

The id is that of the inbox event that told it first. A return that is told again, by whatever way, finds the row.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

ach_return = Table(
    "ach_return",
    metadata,
    identity(),
    owner(),
    Column("kind", String(10), nullable=False),
    Column("came_by", String(10), nullable=False),
    Column("code", String(10), nullable=False),
    Column("category", String(20), nullable=False),
    Column("auth_guid", String(200), nullable=False, server_default=text("''")),
    Column("tran_nbr", String(255), nullable=False, server_default=text("''")),
    Column("addenda", Text, nullable=False, server_default=text("''")),
    Column("returned_on", Date),
    Column("received_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    # what it is a return of; the account alone where a prenote came back
    Column("money_call_id", Uuid, ForeignKey("money_call.id")),
    Column("transaction_id", Uuid, ForeignKey("ach_transaction.id")),
    Column("account_id", Uuid, ForeignKey("ach_account.id")),
    Column("merchant_id", Uuid, ForeignKey("merchant.id")),
    Column("direction", String(10)),
    Column("prenote", Boolean, nullable=False, server_default=text("false")),
    # what was decided
    Column("decided_at", Instant),
    Column("account_effect", String(20)),
    Column("authorization_revoked", Boolean, nullable=False, server_default=text("false")),
    Column("loss_amount", BigInteger, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("must_act", String(10)),
    Column("reinitiation_state", String(10)),
    Column("reinitiate_on", Date),
    Column("reinitiation_id", Uuid, ForeignKey("ach_transaction.id")),
    Column("restarts", Integer, nullable=False, server_default=text("0")),
    Column("hold_released_at", Instant),
    created_at(),
    CheckConstraint("kind in ('return', 'dishonor', 'contest')", name="kind"),
    CheckConstraint("came_by in ('feed', 'file', 'api')", name="came_by"),
    CheckConstraint("state in ('unmatched', 'decided', 'does_not_fit', 'dismissed')", name="state"),
    CheckConstraint("state <> 'decided' or (money_call_id is not null and decided_at is not null)", name="decided"),
    CheckConstraint(
        "account_effect in ('none', 'hold', 'disable_debits', 'disable')",
        name="account_effect",
    ),
    CheckConstraint("reinitiation_state in ('planned', 'made', 'canceled')", name="reinitiation_state"),
    CheckConstraint("reinitiation_state <> 'made' or reinitiation_id is not null", name="reinitiation_made"),
    CheckConstraint("loss_amount >= 0", name="loss_amount"),
)
# an entry comes back once for one reason; what is told again, or of another date, is the same return
Index(
    "uq_ach_return_entry",
    ach_return.c.money_call_id,
    ach_return.c.code,
    unique=True,
    postgresql_where=text("money_call_id is not null"),
)
Index("ix_ach_return_list", ach_return.c.organization_id, ach_return.c.id)
Index("ix_ach_return_state", ach_return.c.organization_id, ach_return.c.state, ach_return.c.id)
Index("ix_ach_return_account", ach_return.c.account_id)
Index("ix_ach_return_transaction", ach_return.c.transaction_id)
# the rates: a merchant's debit entries that came back in the last sixty days
Index(
    "ix_ach_return_rate",
    ach_return.c.merchant_id,
    ach_return.c.received_at,
    ach_return.c.category,
    postgresql_where=text("state = 'decided' and kind = 'return' and direction = 'debit' and not prenote"),
)
