"""A balance: what is posted, what open holds would take from it, and what is left to take."""

from dataclasses import dataclass

from domain.money import Money


@dataclass(frozen=True, slots=True)
class Balance:
    """In natural units: positive is what the account's normal side brings (owed to an organization, had at a bank)."""

    posted: Money
    held: Money

    @property
    def available(self) -> Money:
        """Posted minus held: what an intention may take, down to the account's floor."""
        return self.posted - self.held
