"""Where families and providers are written to: sealed, opened only for a mail."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update

from db.tables.family import family
from db.tables.provider import provider
from db.unit_of_work import UnitOfWork

_TABLES: dict[str, Table] = {"family": family, "provider": provider}


@dataclass(frozen=True, slots=True)
class Contact:
    """A person and how to write to them. Never printed."""

    language: str
    name: str = field(repr=False)
    email: str = field(repr=False)


def _context(kind: str, person_id: UUID) -> str:
    return f"{kind}/{person_id}/email"


async def change(uow: UnitOfWork, kind: str, person_id: UUID, *, email: str | None, language: str | None) -> None:
    """Set the address, the language, or both; None leaves what is there. The row must exist."""
    values: dict[str, Any] = {}
    if email is not None:
        values["email"] = uow.envelope.seal(email.encode(), _context(kind, person_id))
    if language is not None:
        values["language"] = language
    table = _TABLES[kind]
    if values:
        await uow.connection.execute(update(table).where(table.c.id == person_id).values(**values))
        await uow.audit(f"{kind}.contact_changed", kind, person_id, {"fields": sorted(values)})


async def of(uow: UnitOfWork, kind: str, person_id: UUID) -> Contact | None:
    """How to write to a family or a provider; None where no address is known."""
    table = _TABLES[kind]
    row = await uow.one_or_none(select(table).where(table.c.id == person_id))
    if row is None or row["email"] is None:
        return None
    email = uow.envelope.open(row["email"], _context(kind, person_id)).decode()
    return Contact(row["language"], row["name"], email)
