"""What audit rows say was done."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from db.unit_of_work import UnitOfWork

# a ledger transaction's rows are not in the index of subjects
_OF_REQUEST = text(
    "select action, detail from audit.entry where organization_id = :organization and subject_kind = :kind"
    " and subject_kind <> 'ledger_transaction' and subject_id = :id and request_id = :request_id order by id"
)


async def of_request(uow: UnitOfWork, subject_kind: str, subject_id: UUID, request_id: str) -> dict[str, Any]:
    """What committed units of work did with a subject for one request: action to detail, the last of each."""
    rows = await uow.all(
        _OF_REQUEST,
        organization=uow.organization_id,
        kind=subject_kind,
        id=str(subject_id),
        request_id=request_id,
    )
    return {row["action"]: row["detail"] for row in rows}
