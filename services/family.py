"""Families and children as an organization registers them, with the family's wallet at Chek."""

from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.queries import chek_wallet, program
from db.queries import family as queries
from db.unit_of_work import UnitOfWork
from domain.errors import StateConflict
from domain.ids import new_id


async def create_family(uow: UnitOfWork, external_id: str, name: str, language: str) -> RowMapping:
    """Register a family under the organization's own id for it."""
    try:
        async with uow.connection.begin_nested():
            row = await queries.add_family(uow, id=new_id(), external_id=external_id, name=name, language=language)
    except IntegrityError:
        raise StateConflict("family_exists", "A family with this id is registered.", field="external_id") from None
    await uow.audit("family.created", "family", row["id"], {"external_id": external_id})
    return row


async def create_child(
    uow: UnitOfWork, family_id: UUID, program_id: UUID, external_id: str, name: str, *, payment_enabled: bool
) -> RowMapping:
    """Register a child of a family in a programme."""
    await queries.get_family(uow, family_id)
    await program.get(uow, program_id)
    try:
        async with uow.connection.begin_nested():
            row = await queries.add_child(
                uow,
                id=new_id(),
                family_id=family_id,
                program_id=program_id,
                external_id=external_id,
                name=name,
                payment_enabled=payment_enabled,
            )
    except IntegrityError:
        raise StateConflict("child_exists", "A child with this id is registered.", field="external_id") from None
    await uow.audit("child.created", "child", row["id"], {"external_id": external_id})
    return row


async def set_wallet(uow: UnitOfWork, family_id: UUID, chek_user_id: str) -> None:
    """Say which Chek user's wallet the family pays from; once, since money may stand in it."""
    await queries.get_family(uow, family_id, lock=True)
    standing = await queries.chek_user_of(uow, family_id)
    if standing == chek_user_id:
        return
    if standing is not None:
        raise StateConflict("wallet_set", "The family has another wallet already.", field="chek_user_id")
    wallet_id = await chek_wallet.register(uow, chek_user_id)
    try:
        async with uow.connection.begin_nested():
            await queries.set_wallet(uow, family_id, wallet_id)
    except IntegrityError:
        raise StateConflict(
            "chek_user_taken", "Another family has this Chek user's wallet.", field="chek_user_id"
        ) from None
    await uow.audit("family.wallet_set", "family", family_id, {"chek_user_id": chek_user_id})
