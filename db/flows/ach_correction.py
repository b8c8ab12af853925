"""Entries wait while their account is being corrected: the next one goes out with the new token."""

from uuid import UUID

from db.queries.ach_account_change import pending
from db.unit_of_work import UnitOfWork
from domain.errors import CorrectionPending


async def require_no_correction_pending(uow: UnitOfWork, account_id: UUID) -> None:
    """Raise CorrectionPending while there is one. The account must be locked, or its token may be the old by now."""
    if await pending(uow, account_id):
        raise CorrectionPending
