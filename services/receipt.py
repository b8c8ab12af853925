"""Receipts: sealed files in the content store, found by their content, and rows that say what they prove.

A file is stored before its row, under the lock of its address. What dies in between leaves a file that no row refers
to: the same upload finds it again, and the sweep deletes what nobody came back for.
"""

import asyncio
import hashlib
import hmac
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import receipt as queries
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, LimitExceeded, SecretUnreadable, StateConflict
from domain.ids import new_id
from domain.principal import Principal
from domain.receipt_file import media_type_of
from services.expense import draft
from storage import ContentStore

MOST_RECEIPTS = 20
_CONTEXT = "receipt/"


async def attach(
    uow: UnitOfWork,
    store: ContentStore,
    asker: Principal,
    report_id: UUID,
    expense_id: UUID,
    content: bytes,
    declared: str,
) -> RowMapping:
    """Store a file as the receipt of an expense of a draft."""
    await draft(uow, asker, report_id)
    await reports.get_expense(uow, report_id, expense_id)
    if not content:
        raise InvalidInput("body", "A receipt is a file.", code="receipt_empty")
    media_type = media_type_of(content, declared)
    if len(await queries.of_expenses(uow, [expense_id])) >= MOST_RECEIPTS:
        raise LimitExceeded(f"An expense has at most {MOST_RECEIPTS} receipts.", code="too_many_receipts")
    sha256 = hashlib.sha256(content).digest()
    address = queries.address_of(uow, sha256)
    row = await queries.add(
        uow,
        new_id(),
        {
            "expense_id": expense_id,
            "sha256": sha256,
            "address": address,
            "media_type": media_type,
            "size": len(content),
            "uploaded_by": asker.operator_id,
        },
    )
    if row is None:
        raise StateConflict("receipt_attached_already", "This file is a receipt of this expense already.")
    await reports.told(uow, report_id, "receipt_attached", {"expense_id": expense_id, "sha256": sha256.hex()})
    await queries.lock_address(uow, address)
    sealed = await asyncio.to_thread(uow.envelope.seal, content, _CONTEXT + address)
    # last, and before the commit: a row that stands has its file
    await store.put(address, sealed)
    return row


async def read(uow: UnitOfWork, store: ContentStore, row: RowMapping) -> bytes:
    """The file as it was uploaded, or an error: never another one."""
    sealed = await store.get(row["address"])
    if sealed is None:
        raise SecretUnreadable("A stored receipt is not where it was put.")
    content = await asyncio.to_thread(uow.envelope.open, sealed, _CONTEXT + row["address"])
    if not hmac.compare_digest(hashlib.sha256(content).digest(), row["sha256"]):
        raise SecretUnreadable("A stored receipt is not the file that was uploaded.")
    return content


async def detach(uow: UnitOfWork, asker: Principal, report_id: UUID, expense_id: UUID, receipt_id: UUID) -> None:
    """Take a receipt off an expense of a draft."""
    await draft(uow, asker, report_id)
    await reports.get_expense(uow, report_id, expense_id)
    row = await queries.get(uow, expense_id, receipt_id)
    await queries.remove(uow, [row["id"]])
    await reports.told(uow, report_id, "receipt_removed", {"expense_id": expense_id, "sha256": row["sha256"].hex()})
