"""What proving the books brings to light."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Two things that should be the same and are not. `subject` names the row, account or book."""

    proof: str
    subject: str
    expected: str
    found: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.proof}: {self.subject}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class NotComparable:
    """A partner's book that cannot be proven, and why: said aloud, because it is not the same as proven."""

    rail: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The proofs that were made, in order, what they found, and the partner books that could not be compared."""

    proofs: tuple[str, ...]
    differences: tuple[Difference, ...]
    not_comparable: tuple[NotComparable, ...]

    @property
    def first(self) -> Difference | None:
        """The first difference, or None when the books are right."""
        return self.differences[0] if self.differences else None
