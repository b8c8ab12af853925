"""What a partner's own book says, to be held against ours."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PartnerBook:
    """One balance in a partner's book, in minor units.

    `accounts` are the patterns of our accounts that it stands for, as in the chart (`family:<id>:wallet:*` is the sum
    of a family's allocations); `balance` is in their natural units. None as organization means all of them.
    """

    rail: str
    name: str
    currency: str
    balance: int
    accounts: tuple[str, ...]
    organization_id: UUID | None = None
