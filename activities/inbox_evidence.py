"""The inbox as evidence: what a rail told us by itself is asked first when one of its calls is in doubt."""

from collections.abc import Callable, Mapping

from db.engine import Database
from db.queries import inbox as queries
from domain.inbox import InboxEvent
from domain.money_call import Finding, MoneyCall, Outcome

EventReader = Callable[[MoneyCall, InboxEvent], Outcome | None]
"""What an event proves about a call: an outcome by the rail's allow-lists, or None where it proves nothing."""


class InboxEvidence:
    """Reads stored events for the finder. `readers` by rail."""

    def __init__(self, database: Database, readers: Mapping[str, EventReader]) -> None:
        self._database = database
        self._readers = readers

    async def about(self, call: MoneyCall) -> Finding | None:
        """What the rail's own events prove, or None."""
        reader = self._readers.get(call.rail)
        if reader is None:
            return None
        async with self._database.across_organizations(actor="inbox/evidence") as uow:
            events = await queries.about(uow, call)
        for event in events:
            outcome = reader(call, event)
            if outcome is not None and outcome.state == "applied":
                return Finding("applied", outcome, evidence={"inbox_event_id": str(event.id)})
        return None
