"""ACH through the gateway: merchants, stored accounts (payment methods) and transactions (seed 003, section 8)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

# TRAN_NBR: digits, at most ten, never reused; one sequence keeps it unique per terminal and batch as well
epx_tran_nbr = Sequence("epx_tran_nbr", start=1_000_001, maxvalue=9_999_999_999, metadata=metadata)

merchant = Table(
    "merchant",
    metadata,
    identity(),
    owner(),
    Column("name", String(200), nullable=False),
    Column("cust_nbr", String(20), nullable=False),
    Column("merch_nbr", String(20), nullable=False),
    Column("dba_nbr", String(20), nullable=False),
    Column("terminal_nbr", String(20), nullable=False),
    Column("verification_policy", String(20), nullable=False),
    Column("per_transaction_limit", BigInteger, nullable=False),
    Column("per_day_limit", BigInteger, nullable=False),
    # send debits that came back for lack of funds again (R01, R09); each debit may say otherwise
    Column("reinitiate_returns", Boolean, nullable=False, server_default=text("false")),
    created_at(),
    CheckConstraint(
        "verification_policy in ('prenote_wait', 'gateway_accept', 'external')", name="verification_policy"
    ),
    CheckConstraint("per_transaction_limit > 0 and per_day_limit > 0", name="limits"),
)
Index("uq_merchant_name", merchant.c.organization_id, merchant.c.name, unique=True)

ach_account = Table(
    "ach_account",
    metadata,
    identity(),
    owner(),
    Column("merchant_id", Uuid, ForeignKey("merchant.id"), nullable=False),
    Column("customer_id", String(100), nullable=False),
    Column("account_type", String(10), nullable=False),
    Column("routing_number", String(9), nullable=False),
    Column("account_number", LargeBinary, nullable=False),
    Column("holder", LargeBinary, nullable=False),
    Column("last_four", String(4), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("sec", String(3), nullable=False),
    Column("bank_name", String(100)),
    # the prenote's direction: an account that was tried with a credit takes credits only
    Column("prenote_direction", String(10), nullable=False, server_default=text("'debit'")),
    Column("state", String(20), nullable=False, server_default=text("'created'")),
    Column("prenote_attempt", Integer, nullable=False, server_default=text("1")),
    Column("store_attempt", Integer, nullable=False, server_default=text("1")),
    Column("verification_policy", String(20), nullable=False),
    Column("verification_state", String(20), nullable=False, server_default=text("'none'")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("prenote_guid", LargeBinary),
    Column("storage_bric", LargeBinary),
    Column("prenote_settles_on", Date),
    Column("verifies_at", Instant),
    # under `external`: who vouches for the account, and where their proof is kept
    Column("validator", String(100)),
    Column("validation_reference", String(200)),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("return_count", Integer, nullable=False, server_default=text("0")),
    # a return put it on hold, for this code, until a person releases it
    Column("hold_code", String(10)),
    created_at(),
    CheckConstraint("account_type in ('checking', 'savings')", name="account_type"),
    CheckConstraint("prenote_direction in ('debit', 'credit')", name="prenote_direction"),
    CheckConstraint("state in ('created', 'prenoted', 'stored', 'failed', 'cancelled')", name="state"),
    CheckConstraint(
        "verification_state in ('none', 'submitted', 'verified', 'failed', 'revoked')", name="verification_state"
    ),
    CheckConstraint("state <> 'stored' or storage_bric is not null", name="stored_has_token"),
    CheckConstraint("verification_state <> 'verified' or storage_bric is not null", name="verified_is_stored"),
)
Index(
    "uq_ach_account_live",
    ach_account.c.organization_id,
    ach_account.c.merchant_id,
    ach_account.c.customer_id,
    ach_account.c.fingerprint,
    unique=True,
    postgresql_where=text("state not in ('failed', 'cancelled')"),
)
Index("ix_ach_account_customer", ach_account.c.organization_id, ach_account.c.customer_id, ach_account.c.id)
Index("ix_ach_account_list", ach_account.c.organization_id, ach_account.c.id)
Index("ix_ach_account_state", ach_account.c.organization_id, ach_account.c.state, ach_account.c.id)

ach_transaction = Table(
    "ach_transaction",
    metadata,
    identity(),
    owner(),
    Column("merchant_id", Uuid, ForeignKey("merchant.id"), nullable=False),
    Column("customer_id", String(100), nullable=False),
    Column("account_id", Uuid, ForeignKey("ach_account.id"), nullable=False),
    Column("parent_transaction_id", Uuid, ForeignKey("ach_transaction.id")),
    Column("type", String(10), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("sec", String(3), nullable=False),
    Column("description", String(200), nullable=False, server_default=text("''")),
    Column("ach_state", String(20), nullable=False, server_default=text("'created'")),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("tran_nbr", String(10)),
    Column("batch_id", String(20)),
    Column("auth_resp", String(10)),
    Column("auth_resp_text", Text),
    Column("auth_guid", String(40)),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    Column("business_date", Date, nullable=False),
    Column("settles_on", Date),
    Column("processed_at", Instant),
    # when we heard of it; the day itself is the gateway's word, where it gives one
    Column("settled_at", Instant),
    Column("settled_on", Date),
    Column("returned_at", Instant),
    Column("return_code", String(10)),
    # None: as the merchant has it
    Column("reinitiate", Boolean),
    # a debit that came back for lack of funds and is sent again: of which entry, and the how-manieth try
    Column("retry_of", Uuid, ForeignKey("ach_transaction.id")),
    Column("retry_number", Integer, nullable=False, server_default=text("0")),
    Column("entry_description", String(10)),
    # the customer's authorization on record, and for a charge of a recurring one the period that it is for
    Column(
        "authorization_id",
        Uuid,
        ForeignKey("ach_authorization.id", name="fk_ach_transaction_authorization_id", use_alter=True),
    ),
    Column("authorization_basis", String(30)),
    Column("period_on", Date),
    created_at(),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("type in ('DEBIT', 'REFUND', 'VOID')", name="type"),
    CheckConstraint("direction in ('debit', 'credit')", name="direction"),
    CheckConstraint(
        "ach_state in ('created', 'submitting', 'accepted', 'declined', 'unknown', 'not_found', 'canceled', 'voided',"
        " 'originated', 'settled', 'returned', 'dishonored', 'contested')",
        name="ach_state",
    ),
    CheckConstraint("type = 'DEBIT' or parent_transaction_id is not null", name="child_has_parent"),
)
Index("uq_ach_transaction_retry_of", ach_transaction.c.retry_of, unique=True)
Index("ix_ach_transaction_account", ach_transaction.c.account_id, ach_transaction.c.business_date)
Index("ix_ach_transaction_list", ach_transaction.c.organization_id, ach_transaction.c.id)
Index("ix_ach_transaction_state", ach_transaction.c.organization_id, ach_transaction.c.ach_state, ach_transaction.c.id)
Index(
    "ix_ach_transaction_customer",
    ach_transaction.c.organization_id,
    ach_transaction.c.customer_id,
    ach_transaction.c.id,
)
Index("ix_ach_transaction_guid", ach_transaction.c.auth_guid)
Index("ix_ach_transaction_tran_nbr", ach_transaction.c.tran_nbr)
Index("ix_ach_transaction_day", ach_transaction.c.merchant_id, ach_transaction.c.business_date)
Index("ix_ach_transaction_parent", ach_transaction.c.parent_transaction_id)
Index(
    "uq_ach_transaction_one_void",
    ach_transaction.c.parent_transaction_id,
    unique=True,
    postgresql_where=text("type = 'VOID' and ach_state not in ('declined', 'not_found', 'canceled')"),
)
# a period is charged once, whatever dies; a charge that certainly did not happen leaves it open
Index(
    "uq_ach_transaction_period",
    ach_transaction.c.authorization_id,
    ach_transaction.c.period_on,
    unique=True,
    postgresql_where=text(
        "period_on is not null and retry_of is null and ach_state not in ('declined', 'not_found', 'canceled')"
    ),
)
Index("ix_ach_transaction_authorization", ach_transaction.c.authorization_id, ach_transaction.c.id)
