"""A child's month as a budget, under the names that the programme uses; care days and lump sums share it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """Cents. `selected` are promised care days and lump sums, paid ones among them; `paid` is what was paid out."""

    allocation: int
    reclaimed: int
    selected: int
    paid: int

    def __post_init__(self) -> None:
        """Nothing is promised or paid that was not allocated."""
        if min(self.allocation, self.reclaimed, self.selected, self.paid) < 0:
            raise ValueError("a budget has no negative part")
        if max(self.selected, self.paid) > self.net:
            raise ValueError("more is promised or paid than was allocated")

    @property
    def net(self) -> int:
        """What was allocated and not taken back."""
        return self.allocation - self.reclaimed

    @property
    def remaining_unselected(self) -> int:
        """What may still be promised."""
        return self.net - self.selected

    @property
    def remaining_unpaid(self) -> int:
        """What may still be paid out."""
        return self.net - self.paid


@dataclass(frozen=True, slots=True)
class Price:
    """What a day costs the budget, and what the family owes beside it. Cents."""

    amount: int
    missing: int


def price_of_day(rate: int, remaining_unselected: int) -> Price | None:
    """A day at its rate; a short budget pays a part of it; None when nothing is left."""
    amount = min(rate, remaining_unselected)
    return Price(amount, rate - amount) if amount > 0 else None
