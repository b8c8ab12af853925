"""Bodies of the control API. Amounts are integer minor units; instants are ISO 8601 with a zone."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from sandbox.faults import KINDS, parse_kind


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaultMatch(Body):
    reference: str | None = Field(None, description="TRAN_NBR, Idempotency-Key, Chek user or card id in the path")
    amount: int | None = Field(None, description="Minor units")
    last_four: str | None = Field(None, description="Of the bank account, keyed or behind a token of the gateway")


class NewFault(Body):
    partner: str
    operation: str = Field("*", description="As shown in the journal; * is every operation")
    kind: str = Field(description="One of: " + ", ".join(KINDS))
    count: int | None = Field(1, ge=1, description="How often it strikes; null until cleared")
    delay_ms: int = Field(0, ge=0, le=600_000)
    match: FaultMatch = FaultMatch()
    skip: int = Field(0, ge=0, description="How many matching calls pass unharmed first")

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        parse_kind(kind)
        return kind


class FaultView(Body):
    id: int
    partner: str
    operation: str
    kind: str
    count: int | None
    delay_ms: int
    match: FaultMatch
    skip: int
    hits: int
    waiting: int = Field(description="Calls that stand still at this fault now")


class ClockView(Body):
    now: datetime
    offset_seconds: float


class Advance(Body):
    """Exactly one of the two."""

    to: AwareDatetime | None = None
    by: timedelta | None = Field(None, description="Seconds, or an ISO 8601 duration such as P3D")

    def target(self, now: datetime) -> datetime:
        return self.to or now + (self.by or timedelta())

    @model_validator(mode="after")
    def _one(self) -> "Advance":
        if (self.to is None) == (self.by is None):
            raise ValueError("give exactly one of to and by")
        return self
