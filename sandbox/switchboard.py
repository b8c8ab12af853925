"""Takes partners' listening sockets away while a fault says that connections are refused."""

from collections.abc import Mapping

from sandbox.faults import FaultBook
from sandbox.listener import Listener


class Switchboard:
    def __init__(self, faults: FaultBook, listeners: Mapping[str, Listener]) -> None:
        self._faults = faults
        self._listeners = listeners

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._listeners)

    async def apply(self) -> None:
        """Make every listener agree with the faults that are set now."""
        for name, listener in self._listeners.items():
            if self._faults.refusing(name):
                await listener.refuse()
            else:
                await listener.accept()
