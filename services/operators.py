"""Organizations and the operators who act for them, as the command line makes them.

Whoever may run the command on this machine may do this: it is how the first operator comes to be.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.queries import operator as queries
from domain.errors import InvalidInput, NotFound, StateConflict
from domain.ids import new_id, public_id

_LONGEST_NAME = 200
_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class AddedOperator:
    """An operator that was just added, and whether the organization is new too."""

    operator_id: UUID
    organization_id: UUID
    organization_is_new: bool


async def add_operator(database: Database, *, organization: str, name: str, email: str, actor: str) -> AddedOperator:
    """Add an operator, and the organization with this name when there is none.

    Raises InvalidInput for a name or an address that is none, StateConflict when the address is taken there.
    """
    organization = _line("organization", organization)
    name = _line("name", name)
    email = _email(email)
    organization_id, is_new = await _organization(database, organization, actor)
    operator_id = new_id()
    async with database.unit_of_work(organization_id, actor=actor) as uow:
        try:
            async with uow.savepoint():
                await queries.add_operator(uow, operator_id, name, email)
        except IntegrityError:
            raise StateConflict("operator_exists", "An operator with this e-mail address is there already.") from None
        await uow.audit("operator.added", "operator", public_id("opr", operator_id))
    return AddedOperator(operator_id, organization_id, is_new)


async def organization_named(database: Database, name: str, *, actor: str) -> UUID:
    """The organization with this name. Raises NotFound."""
    async with database.across_organizations(actor=actor) as uow:
        row = await queries.organization_by_name(uow, name)
    if row is None:
        raise NotFound("organization", field="organization")
    found: UUID = row["id"]
    return found


async def list_operators(database: Database, organization_id: UUID, *, actor: str) -> list[RowMapping]:
    """The organization's operators by name."""
    async with database.unit_of_work(organization_id, actor=actor) as uow:
        return await queries.operators(uow)


async def _organization(database: Database, name: str, actor: str) -> tuple[UUID, bool]:
    organization_id = new_id()
    async with database.across_organizations(actor=actor) as uow:
        if await queries.add_organization(uow, organization_id, name):
            await uow.audit("organization.added", "organization", public_id("org", organization_id))
            return organization_id, True
    return await organization_named(database, name, actor=actor), False


def _line(field: str, text: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST_NAME or not text.isprintable():
        raise InvalidInput(field, f"Must be one line of 1 to {_LONGEST_NAME} characters.")
    return text


def _email(text: str) -> str:
    text = text.strip()
    user, at, host = text.rpartition("@")
    if not (user and at and host) or len(text) > _LONGEST_EMAIL or not text.isprintable() or " " in text:
        raise InvalidInput("email", "Must be an e-mail address.")
    return text
