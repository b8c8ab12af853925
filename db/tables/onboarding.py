"""Onboardings: a family or a provider on the way to a Chek user, and a provider to a bank account or card there."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

onboarding = Table(
    "onboarding",
    metadata,
    identity(),
    owner(),
    Column("family_id", Uuid, ForeignKey("family.id")),
    Column("provider_id", Uuid, ForeignKey("provider.id")),
    # under which a card is made
    Column("program_id", Uuid, ForeignKey("program.id")),
    Column("method", String(10)),
    # sealed: names, e-mail, telephone and address as Chek is told them; gone once the Chek user is known
    Column("person", LargeBinary),
    # of the e-mail, so that no person is made a user twice at the same time, whoever asks
    Column("fingerprint", LargeBinary),
    Column("state", String(20), nullable=False, server_default=text("'submitted'")),
    Column("create_try", Integer, nullable=False, server_default=text("1")),
    Column("set_up_try", Integer, nullable=False, server_default=text("1")),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    created_at(),
    Column("ended_at", Instant),
    CheckConstraint("num_nonnulls(family_id, provider_id) = 1", name="one_person"),
    CheckConstraint("method is null or provider_id is not null", name="method_of_provider"),
    CheckConstraint("method in ('ach', 'card')", name="method"),
    CheckConstraint("method <> 'card' or program_id is not null", name="card_of_program"),
    CheckConstraint("state in ('submitted', 'known', 'stopped', 'onboarded', 'cancelled')", name="state"),
    CheckConstraint("state <> 'submitted' or (person is not null and fingerprint is not null)", name="person"),
    CheckConstraint("(state in ('onboarded', 'cancelled')) = (ended_at is not null)", name="ended"),
)
Index("ix_onboarding_list", onboarding.c.organization_id, onboarding.c.id)
Index("ix_onboarding_state", onboarding.c.organization_id, onboarding.c.state, onboarding.c.id)
Index("ix_onboarding_family", onboarding.c.family_id)
Index("ix_onboarding_provider", onboarding.c.provider_id)
# one at a time for each person
Index(
    "uq_onboarding_family_open", onboarding.c.family_id, unique=True, postgresql_where=onboarding.c.ended_at.is_(None)
)
Index(
    "uq_onboarding_provider_open",
    onboarding.c.provider_id,
    unique=True,
    postgresql_where=onboarding.c.ended_at.is_(None),
)
