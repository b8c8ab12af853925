"""Organizations and the operators who may act for them."""

from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables.organization import operator, organization
from db.unit_of_work import UnitOfWork


async def organization_by_name(uow: UnitOfWork, name: str) -> RowMapping | None:
    """The organization with this name; needs a unit of work across organizations."""
    return await uow.one_or_none(select(organization).where(organization.c.name == name))


async def add_organization(uow: UnitOfWork, organization_id: UUID, name: str) -> bool:
    """Insert an organization; False when the name is taken. Needs a unit of work across organizations."""
    statement = upsert(organization).values(id=organization_id, name=name).on_conflict_do_nothing()
    return (await uow.connection.execute(statement.returning(organization.c.id))).first() is not None


async def organizations(uow: UnitOfWork) -> list[RowMapping]:
    """All organizations by name; needs a unit of work across organizations."""
    return await uow.all(select(organization).order_by(organization.c.name))


async def add_operator(uow: UnitOfWork, operator_id: UUID, name: str, email: str) -> None:
    """Insert an operator of the unit of work's organization."""
    await uow.connection.execute(
        insert(operator).values(id=operator_id, organization_id=uow.organization_id, name=name, email=email)
    )


async def operator_by_email(uow: UnitOfWork, email: str) -> RowMapping | None:
    """The operator of the organization with this e-mail address, whatever its case."""
    return await uow.one_or_none(select(operator).where(func.lower(operator.c.email) == email.lower()))


async def operator_of(uow: UnitOfWork, operator_id: UUID) -> RowMapping | None:
    """One operator of the organization."""
    return await uow.one_or_none(select(operator).where(operator.c.id == operator_id))


async def operators(uow: UnitOfWork) -> list[RowMapping]:
    """The organization's operators in order of name."""
    return await uow.all(select(operator).order_by(operator.c.name))
