"""Providers as an organization registers them: wallet and method at Chek, and rates per child."""

from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.flows import chek_user
from db.flows.base import FlowSteps
from db.queries import family, program, provider_payment
from db.queries import provider as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.childcare_limits import CURRENCY, require_rate
from domain.childcare_party import Party, require_own
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id
from domain.provider_payment import Method


async def create(
    uow: UnitOfWork,
    external_id: str,
    name: str,
    kind: Literal["center", "home"],
    language: str,
    *,
    attendance_waived: bool | None = None,
) -> RowMapping:
    """Register a provider under the organization's own id for it. A centre's attendance is waived unless asked for."""
    if attendance_waived and kind != "center":
        raise InvalidInput("attendance_waived", "Only a centre's attendance is waived.")
    try:
        async with uow.savepoint():
            row = await queries.add(
                uow,
                id=new_id(),
                external_id=external_id,
                name=name,
                kind=kind,
                language=language,
                attendance_waived=kind == "center" if attendance_waived is None else attendance_waived,
            )
    except IntegrityError:
        raise StateConflict("provider_exists", "A provider with this id is registered.", field="external_id") from None
    await uow.audit("provider.created", "provider", row["id"], {"external_id": external_id})
    return row


async def set_wallet(uow: UnitOfWork, provider_id: UUID, chek_user_id: str) -> None:
    """Say in which Chek user's wallet the provider is paid; once."""
    await chek_user.set_provider_wallet(uow, provider_id, chek_user_id)


async def choose_method(uow: UnitOfWork, flows: Mapping[str, FlowSteps], provider_id: UUID, method: Method) -> None:
    """Pay the provider by this method from now on; payments that stopped for want of one go on by it at once."""
    await chek_user.choose_method(uow, flows[provider_payment.FLOW], provider_id, method)


async def refresh(uow: UnitOfWork, provider_id: UUID) -> WorkflowRun:
    """Have Chek asked how the provider is paid; what it says will stand in the payment settings."""
    if await queries.payment_settings(uow, provider_id) is None:
        await queries.get(uow, provider_id)
        raise StateConflict("provider_not_onboarded", "The provider has no wallet at Chek yet.")
    run = chek_user.refresh_run(uow.organization_id, provider_id)
    await uow.start_workflow(run)
    await uow.audit("provider.refresh_asked", "provider", provider_id)
    return run


async def set_rate(
    uow: UnitOfWork,
    provider_id: UUID,
    child_id: UUID,
    effective_from: date,
    half_day: int,
    full_day: int,
    *,
    party: Party | None = None,
) -> RowMapping:
    """Set what a half and a full day cost from a date on; earlier days keep the rate they were created with.

    A child's first rate is what brings it to a provider, who cares for as many as the child's programme says.
    """
    require_own(party, {"provider_id": provider_id}, "provider")
    require_rate(half_day, field="half_day")
    require_rate(full_day, field="full_day")
    await queries.get(uow, provider_id, lock=True)
    owner = await program.get(uow, (await family.get_child(uow, child_id))["program_id"])
    if await queries.other_children(uow, provider_id, child_id) >= owner["children_per_provider"]:
        raise LimitExceeded(
            "The provider cares for as many children as is allowed.", field="child_id", code="too_many_children"
        )
    try:
        async with uow.savepoint():
            row = await queries.add_rate(
                uow,
                id=new_id(),
                provider_id=provider_id,
                child_id=child_id,
                effective_from=effective_from,
                half_day_cents=half_day,
                full_day_cents=full_day,
                currency=CURRENCY,
            )
    except IntegrityError:
        raise StateConflict(
            "rate_exists", "A rate takes effect from this date already.", field="effective_from"
        ) from None
    await uow.audit("payment_rate.set", "payment_rate", row["id"], {"provider_id": provider_id, "child_id": child_id})
    return row
