"""Entries wait while their account is being corrected: the next one goes out with the new token."""

from uuid import UUID

from db.queries.ach_account_change import pending
from db.unit_of_work import UnitOfWork
from domain.errors import CorrectionPending


async def require_no_correction_pending(uow: UnitOfWork, account_id: UUID) -> None:
    """Raise CorrectionPending while there is one. Ask before the account's row is read, or its token may be the old."""
    if await pending(uow, account_id):
        raise CorrectionPending
