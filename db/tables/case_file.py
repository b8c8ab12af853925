"""Cases: what a person must look at, with the evidence; an open case per kind and subject exists once."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import Instant, identity, metadata

case_file = Table(
    "case_file",
    metadata,
    identity(),
    # null: a case of the house, seen across organizations only (an event of a rail whose owner nobody knows)
    Column("organization_id", Uuid, ForeignKey("organization.id")),
    Column("kind", String(40), nullable=False),
    Column("subject_kind", String(40), nullable=False),
    Column("subject_id", String(80), nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'open'")),
    Column("summary", Text, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("opened_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("closed_at", Instant),
    Column("closed_by", Uuid),
    Column("resolution", Text),
    CheckConstraint("state in ('open', 'closed')", name="state"),
)
Index(
    "uq_case_file_open",
    case_file.c.organization_id,
    case_file.c.kind,
    case_file.c.subject_kind,
    case_file.c.subject_id,
    unique=True,
    postgresql_where=text("state = 'open'"),
    postgresql_nulls_not_distinct=True,
)
Index("ix_case_file_subject", case_file.c.organization_id, case_file.c.subject_kind, case_file.c.subject_id)
Index("ix_case_file_state", case_file.c.organization_id, case_file.c.state, case_file.c.id)
