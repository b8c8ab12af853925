"""What a partner answers, and the partner's way of putting it on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Answer:
    """``document`` is what the partner's wire renders; ``outcome`` is for the journal and names no secret."""

    document: Any
    outcome: str
    took_effect: bool = False  # the books changed
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None  # where it differs from the wire's
    delay_ms: int = 0  # a slow partner: the answer leaves this much after the processing


class Wire(Protocol):
    """One partner's form of answers, right and wrong."""

    media_type: str

    def render(self, document: Any) -> bytes: ...

    def malformed(self) -> bytes:
        """Something no parser of this partner can take for an answer."""
        ...

    def failure(self, status: int) -> bytes:
        """The body of an answer that the partner gives when it is itself broken."""
        ...

    def with_wrong_amount(self, document: Any) -> Any:
        """The same answer, echoing one minor unit more."""
        ...

    def with_wrong_reference(self, document: Any) -> Any:
        """The same answer, about something else."""
        ...
