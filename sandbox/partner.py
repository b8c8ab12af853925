"""What the sandbox asks of every partner. A new partner is a new package and one line in ``world.py``."""

from typing import Any, Protocol

from sandbox.agenda import Agenda


class Partner(Protocol):
    name: str
    agenda: Agenda

    def book(self) -> dict[str, Any]:
        """The partner's own truth, account numbers as last four, amounts in minor units."""
        ...

    async def flush(self) -> None:
        """Wait until everything the partner has to tell anybody was tried once."""
        ...

    async def close(self) -> None: ...
