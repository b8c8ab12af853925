"""Payees and their payout methods. Names, addresses and bank details are opened only where they are needed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.queries.page import after_cursor
from db.queries.row import by
from db.tables.organization import operator
from db.tables.payee import payee, payout_method
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound, StateConflict

_LOCKED = by(payee, "id").with_for_update()


@dataclass(frozen=True, slots=True)
class Person:
    """A payee's name and address, opened. Never printed."""

    name: str = field(repr=False)
    email: str = field(repr=False)


def context(table: str, row_id: UUID, column: str) -> str:
    """What a sealed value is bound to."""
    return f"{table}/{row_id}/{column}"


async def add(uow: UnitOfWork, payee_id: UUID, person: Person) -> None:
    """Store a payee; the operator with the same address is this person. Raises StateConflict for a known address."""
    email = person.email.lower()
    same = await uow.one_or_none(select(operator.c.id).where(func.lower(operator.c.email) == email))
    added = await uow.connection.execute(
        upsert(payee)
        .values(
            id=payee_id,
            organization_id=uow.organization_id,
            name=uow.envelope.seal(person.name.encode(), context("payee", payee_id, "name")),
            email=uow.envelope.seal(person.email.encode(), context("payee", payee_id, "email")),
            email_fingerprint=uow.fingerprint.of("email", email),
            operator_id=None if same is None else same["id"],
        )
        .on_conflict_do_nothing()
        .returning(payee.c.id)
    )
    if added.first() is None:
        raise StateConflict("payee_exists", "A payee with this address exists already.", field="email")
    await uow.audit("payee.added", "payee", payee_id)


async def get(uow: UnitOfWork, payee_id: UUID, *, lock: bool = False) -> RowMapping:
    """One payee. Raises NotFound."""
    row = await uow.one_or_none(_LOCKED if lock else by(payee, "id"), id=payee_id)
    if row is None:
        raise NotFound("payee")
    return row


async def is_operator(uow: UnitOfWork, row: Mapping[Any, Any], operator_id: UUID) -> bool:
    """Whether the operator is this payee, by their address as it is now: either may have been added after the other."""
    found = await uow.one_or_none(select(operator.c.email).where(operator.c.id == operator_id))
    same = found is not None and uow.fingerprint.of("email", found["email"].lower()) == row["email_fingerprint"]
    return bool(same or row["operator_id"] == operator_id)


async def listed(uow: UnitOfWork, *, after: UUID | None, limit: int) -> list[RowMapping]:
    """Payees, newest first."""
    return await uow.all(after_cursor(select(payee), payee.c.id, after, limit))


def person(uow: UnitOfWork, row: Mapping[Any, Any]) -> Person:
    """Open a payee's name and address."""
    name, email = (uow.envelope.open(row[column], context("payee", row["id"], column)) for column in ("name", "email"))
    return Person(name.decode(), email.decode())


async def add_method(uow: UnitOfWork, method_id: UUID, values: Mapping[str, Any], details: Mapping[str, str]) -> None:
    """Store a payout method with its details sealed. Raises StateConflict when the payee has the same one already."""
    added = await uow.connection.execute(
        upsert(payout_method)
        .values(
            id=method_id,
            organization_id=uow.organization_id,
            details=uow.envelope.seal(
                json.dumps(dict(details)).encode(), context("payout_method", method_id, "details")
            ),
            fingerprint=uow.fingerprint.of("payout_method", values["kind"], *(details[key] for key in sorted(details))),
            **values,
        )
        .on_conflict_do_nothing(
            index_elements=["payee_id", "fingerprint"], index_where=payout_method.c.archived_at.is_(None)
        )
        .returning(payout_method.c.id)
    )
    if added.first() is None:
        raise StateConflict("payout_method_exists", "The payee has this payout method already.")
    await uow.audit("payout_method.added", "payout_method", method_id, {"payee_id": values["payee_id"]})


async def get_method(uow: UnitOfWork, method_id: UUID, *, lock: bool = False) -> RowMapping:
    """One payout method, archived ones too. Raises NotFound."""
    statement = select(payout_method).where(payout_method.c.id == method_id)
    row = await uow.one_or_none(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("payout method")
    return row


async def methods_of(uow: UnitOfWork, payee_ids: Sequence[UUID]) -> list[RowMapping]:
    """The methods of these payees that are not archived, oldest first."""
    return await uow.all(
        select(payout_method)
        .where(payout_method.c.payee_id.in_(payee_ids), payout_method.c.archived_at.is_(None))
        .order_by(payout_method.c.id)
    )


async def default_method(uow: UnitOfWork, payee_id: UUID) -> RowMapping | None:
    """The method that a new report takes."""
    return await uow.one_or_none(
        select(payout_method).where(payout_method.c.payee_id == payee_id, payout_method.c.is_default)
    )


def details(uow: UnitOfWork, row: Mapping[Any, Any]) -> dict[str, str]:
    """Open a method's bank details: for the bank's request and nothing else."""
    opened: dict[str, str] = json.loads(
        uow.envelope.open(row["details"], context("payout_method", row["id"], "details"))
    )
    return opened


async def clear_default(uow: UnitOfWork, payee_id: UUID) -> None:
    """No method is the default for a moment; the caller names one in the same transaction."""
    await uow.connection.execute(
        update(payout_method)
        .where(payout_method.c.payee_id == payee_id, payout_method.c.is_default)
        .values(is_default=False)
    )


async def change_method(uow: UnitOfWork, method_id: UUID, action: str, **values: Any) -> None:
    """Archive a method or make it the default; its details never change."""
    await uow.connection.execute(update(payout_method).where(payout_method.c.id == method_id).values(**values))
    await uow.audit(f"payout_method.{action}", "payout_method", method_id)
