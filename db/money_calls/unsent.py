"""Whether a retry is only a second look: nothing of these steps was handed over, so nothing is decided anew."""

from collections.abc import Iterable
from uuid import UUID

from db.queries import money_call as queries
from db.unit_of_work import UnitOfWork


async def nothing_handed_over(uow: UnitOfWork, flow: str, flow_id: UUID, tries: Iterable[tuple[str, int]]) -> bool:
    """Whether each of these tries (step, ordinal) is not recorded yet, or recorded and not sent.

    So it is while a flow waits for a wallet or its partner, and where its run was terminated: looking again is all
    there is to do. A call in doubt is found out, not tried again. The flow's row must be locked.
    """
    for step, ordinal in tries:
        call = await queries.of_step(uow, flow, flow_id, step, ordinal)
        if call is not None and call.state != "recorded":
            return False
    return True
