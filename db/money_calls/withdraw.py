"""Take back a money call that was recorded and never sent."""

from uuid import UUID

from db.queries import money_call as queries
from db.unit_of_work import UnitOfWork
from domain.errors import StateConflict
from domain.money_call import Outcome


async def withdraw_unsent(uow: UnitOfWork, flow: str, flow_id: UUID, step: str, ordinal: int) -> None:
    """Cancel a step's call, its hold included, if there is one; raise StateConflict once it may have been sent.

    The flow's row must be locked. A sender that is faster makes the whole unit of work fail with StaleToken.
    """
    call = await queries.of_step(uow, flow, flow_id, step, ordinal)
    if call is None or call.state == "refused":
        return
    if call.state != "recorded":
        raise StateConflict("already_submitted", f"The step {step} was handed over: it cannot be cancelled any more.")
    cancelled = Outcome("refused", "cancelled", "Cancelled before it was sent.")
    await uow.money_calls.settle(call, cancelled, by="cancel", effective_date=(await uow.business_now()).date())
