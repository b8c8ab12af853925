"""Provider payments under way and ended: what is paid, each attempt, and the payment itself once it was made."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

payment_intent = Table(
    "payment_intent",
    metadata,
    identity(),
    owner(),
    Column("program_id", Uuid, ForeignKey("program.id"), nullable=False),
    Column("family_id", Uuid, ForeignKey("family.id"), nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("allocation_id", Uuid, nullable=False),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(10), nullable=False),
    Column("state", String(20), nullable=False, server_default=text("'submitted'")),
    # which try each money step is at
    Column("fund_try", Integer, nullable=False, server_default=text("1")),
    Column("pay_out_try", Integer, nullable=False, server_default=text("1")),
    Column("give_back_try", Integer, nullable=False, server_default=text("1")),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("description", String(200), nullable=False, server_default=text("''")),
    created_at(),
    Column("funded_at", Instant),
    Column("ended_at", Instant),
    ForeignKeyConstraint(
        ["allocation_id", "child_id", "month"],
        ["month_allocation.id", "month_allocation.child_id", "month_allocation.month"],
        name="fk_payment_intent_allocation",
    ),
    ForeignKeyConstraint(["child_id", "family_id"], ["child.id", "child.family_id"], name="fk_payment_intent_child"),
    CheckConstraint("kind in ('care_days', 'lump_sum')", name="kind"),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("method in ('ach', 'card')", name="method"),
    CheckConstraint(
        "state in ('submitted', 'funding', 'funding_stopped', 'funded', 'paying_out', 'payout_stopped', 'paid',"
        " 'settled', 'returned', 'cancelled', 'giving_back', 'giving_back_stopped', 'given_back')",
        name="state",
    ),
    CheckConstraint("(state in ('paid', 'settled', 'cancelled', 'given_back')) = (ended_at is not null)", name="ended"),
    CheckConstraint(
        "(funded_at is not null) = (state not in ('submitted', 'funding', 'funding_stopped', 'cancelled'))",
        name="funded",
    ),
)
Index("ix_payment_intent_list", payment_intent.c.organization_id, payment_intent.c.id)
Index("ix_payment_intent_state", payment_intent.c.organization_id, payment_intent.c.state, payment_intent.c.id)
Index("ix_payment_intent_child", payment_intent.c.child_id, payment_intent.c.id)
Index("ix_payment_intent_allocation", payment_intent.c.allocation_id)
Index("ix_payment_intent_provider", payment_intent.c.provider_id, payment_intent.c.state)

payment_intent_item = Table(
    "payment_intent_item",
    metadata,
    identity(),
    owner(),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False),
    Column("care_day_id", Uuid, ForeignKey("care_day.id")),
    Column("lump_sum_id", Uuid, ForeignKey("lump_sum.id")),
    Column("amount_cents", BigInteger, nullable=False),
    Column("released_at", Instant),
    CheckConstraint("num_nonnulls(care_day_id, lump_sum_id) = 1", name="one_item"),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
)
Index("ix_payment_intent_item_intent", payment_intent_item.c.payment_intent_id)
# a day or lump sum is in one payment that is open or paid, or in none
for item in ("care_day_id", "lump_sum_id"):
    Index(
        f"uq_payment_intent_item_{item}",
        payment_intent_item.c[item],
        unique=True,
        postgresql_where=text("released_at is null"),
    )

payment_attempt = Table(
    "payment_attempt",
    metadata,
    identity(),
    owner(),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("method", String(10), nullable=False),
    # as they stood when the attempt began
    Column("family_chek_user_id", String(20), nullable=False),
    Column("provider_chek_user_id", String(20), nullable=False),
    Column("provider_direct_pay_id", String(40)),
    Column("provider_card_id", String(40)),
    Column("wallet_money_call_id", Uuid, ForeignKey("money_call.id")),
    Column("payout_money_call_id", Uuid, ForeignKey("money_call.id")),
    Column("state", String(10), nullable=False, server_default=text("'open'")),
    Column("code", String(40)),
    Column("message", Text),
    created_at(),
    Column("ended_at", Instant),
    UniqueConstraint("payment_intent_id", "number", name="uq_payment_attempt_number"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("method in ('ach', 'card')", name="method"),
    CheckConstraint("state in ('open', 'succeeded', 'failed')", name="state"),
    CheckConstraint("(state = 'open') = (ended_at is null)", name="ended"),
)
Index(
    "uq_payment_attempt_open",
    payment_attempt.c.payment_intent_id,
    unique=True,
    postgresql_where=text("state = 'open'"),
)

provider_payment = Table(
    "provider_payment",
    metadata,
    identity(),
    owner(),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False),
    Column("payment_attempt_id", Uuid, ForeignKey("payment_attempt.id"), nullable=False, unique=True),
    Column("money_call_id", Uuid, ForeignKey("money_call.id"), nullable=False, unique=True),
    Column("allocation_id", Uuid, ForeignKey("month_allocation.id"), nullable=False),
    Column("child_id", Uuid, ForeignKey("child.id"), nullable=False),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(10), nullable=False),
    # unknown where balances alone proved the payout
    Column("chek_id", String(255)),
    Column("paid_at", Instant, nullable=False),
    # what Chek's list says became of it at the bank
    Column("settled_at", Instant),
    Column("returned_at", Instant),
    Column("return_code", String(10)),
    created_at(),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("method in ('ach', 'card')", name="method"),
    CheckConstraint("method = 'ach' or (settled_at is null and returned_at is null)", name="followed"),
    CheckConstraint("return_code is null or returned_at is not null", name="return_code"),
)
# what came back may be paid again
Index(
    "uq_provider_payment_standing",
    provider_payment.c.payment_intent_id,
    unique=True,
    postgresql_where=text("returned_at is null"),
)
Index("ix_provider_payment_intent", provider_payment.c.payment_intent_id)
Index("ix_provider_payment_allocation", provider_payment.c.allocation_id)
Index("ix_provider_payment_provider", provider_payment.c.provider_id, provider_payment.c.paid_at)
