"""Families and children as an organization registers them, with the family's wallet at Chek."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.flows import chek_user
from db.flows.base import FlowSteps
from db.queries import family as queries
from db.queries import program
from db.repeat import sqlstate
from db.unit_of_work import UnitOfWork
from domain.childcare_limits import require_allocation
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id
from domain.money import Money

_TOO_MANY_CHILDREN = "BC008"


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What a child gets each month, amounts as decimal texts, and from which day on it is cared for."""

    monthly: str | None = None
    first_month: str | None = None
    starts_on: date | None = None


async def create_family(uow: UnitOfWork, external_id: str, name: str, language: str) -> RowMapping:
    """Register a family under the organization's own id for it."""
    try:
        async with uow.savepoint():
            row = await queries.add_family(uow, id=new_id(), external_id=external_id, name=name, language=language)
    except IntegrityError:
        raise StateConflict("family_exists", "A family with this id is registered.", field="external_id") from None
    await uow.audit("family.created", "family", row["id"], {"external_id": external_id})
    return row


async def create_child(
    uow: UnitOfWork,
    family_id: UUID,
    program_id: UUID,
    external_id: str,
    name: str,
    subsidy: Subsidy,
    *,
    payment_enabled: bool,
) -> RowMapping:
    """Register a child of a family in a programme."""
    await queries.get_family(uow, family_id)
    values = _subsidy(subsidy, await program.get(uow, program_id))
    try:
        async with uow.savepoint():
            row = await queries.add_child(
                uow,
                id=new_id(),
                family_id=family_id,
                program_id=program_id,
                external_id=external_id,
                name=name,
                payment_enabled=payment_enabled,
                **values,
            )
    except IntegrityError:
        raise StateConflict("child_exists", "A child with this id is registered.", field="external_id") from None
    await uow.audit("child.created", "child", row["id"], {"external_id": external_id})
    return row


async def set_subsidy(uow: UnitOfWork, child_id: UUID, subsidy: Subsidy, *, payment_enabled: bool | None) -> RowMapping:
    """Say what the child gets from now on, and whether it gets anything; months that are allocated stay as they are.

    One that is enabled anew needs a place with each provider that it has a rate with.
    """
    child = await queries.get_child(uow, child_id, lock=True)
    values: dict[str, Any] = _subsidy(subsidy, await program.get(uow, child["program_id"]))
    if payment_enabled is not None:
        values["payment_enabled"] = payment_enabled
    try:
        async with uow.savepoint():
            await queries.change_child(uow, child_id, **values)
    except DBAPIError as error:
        if sqlstate(error) != _TOO_MANY_CHILDREN:
            raise
        raise LimitExceeded(
            "A provider of the child cares for as many children as is allowed.",
            field="payment_enabled",
            code="too_many_children",
        ) from None
    await uow.audit("child.subsidy_set", "child", child_id, values)
    return await queries.get_child(uow, child_id)


def _subsidy(subsidy: Subsidy, owner: RowMapping) -> dict[str, Any]:
    """Columns of a child. Amounts are decimal texts, read exactly: no cent is lost and no part of one is taken."""
    cents: dict[str, int | None] = {}
    for field, given in (("monthly_amount", subsidy.monthly), ("first_month_amount", subsidy.first_month)):
        cents[field] = None
        if given is not None:
            cents[field] = Money.parse(given, owner["currency"], field=field).minor_units
            require_allocation(cents[field] or 0, owner["cap_cents"], field=field)
    if subsidy.first_month is not None and subsidy.starts_on is None:
        raise InvalidInput("starts_on", "A first month's amount needs the day on which care starts.")
    return {
        "monthly_cents": cents["monthly_amount"],
        "first_month_cents": cents["first_month_amount"],
        "starts_on": subsidy.starts_on,
    }


async def set_wallet(uow: UnitOfWork, flows: Mapping[str, FlowSteps], family_id: UUID, chek_user_id: str) -> None:
    """Say which Chek user's wallet the family pays from; once. Allocations that waited for it are funded."""
    await chek_user.set_family_wallet(uow, flows["allocation"], family_id, chek_user_id)
