"""An organization's own mileage rates, which stand before the published ones from a date on."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Uuid

from db.tables.metadata import created_at, identity, metadata, owner

mileage_rate = Table(
    "mileage_rate",
    metadata,
    identity(),
    owner(),
    # the first day of travel that it pays for
    Column("effective_from", Date, nullable=False),
    # tenths of a cent per mile; null: from here on the published rate again
    Column("rate", Integer),
    Column("set_by", Uuid, ForeignKey("operator.id"), nullable=False),
    created_at(),
    CheckConstraint("rate is null or rate between 1 and 10000", name="rate"),
)
# of two from the same day the later one counts: that is how a mistake is corrected
Index("ix_mileage_rate_from", mileage_rate.c.organization_id, mileage_rate.c.effective_from)
