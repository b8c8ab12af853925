"""Attendance: the days of a week that a child spent with a provider, as the family and the provider each entered it."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Uuid

from db.tables.metadata import Instant, created_at, identity, metadata, owner

attendance = Table(
    "attendance",
    metadata,
    identity(),
    owner(),
    # its Monday
    Column("week", Date, nullable=False),
    Column("child_id", Uuid, ForeignKey("child.id"), nullable=False),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    Column("family_full_days", Integer),
    Column("family_half_days", Integer),
    Column("family_entered_at", Instant),
    Column("provider_full_days", Integer),
    Column("provider_half_days", Integer),
    Column("provider_entered_at", Instant),
    created_at(),
    CheckConstraint("extract(isodow from week) = 1", name="week"),
    *(
        CheckConstraint(
            f"num_nulls({side}_full_days, {side}_half_days, {side}_entered_at) in (0, 3)", name=f"{side}_entry"
        )
        for side in ("family", "provider")
    ),
    *(
        CheckConstraint(
            f"{side}_full_days >= 0 and {side}_half_days >= 0 and {side}_full_days + {side}_half_days <= 7",
            name=f"{side}_days",
        )
        for side in ("family", "provider")
    ),
)
Index("uq_attendance_week", attendance.c.child_id, attendance.c.provider_id, attendance.c.week, unique=True)
Index("ix_attendance_list", attendance.c.organization_id, attendance.c.id)
Index("ix_attendance_provider", attendance.c.provider_id, attendance.c.id)
Index("ix_attendance_week", attendance.c.organization_id, attendance.c.week, attendance.c.id)
