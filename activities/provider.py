"""Reading from Chek how a provider is paid: statuses of bank account and card, never their numbers."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from uuid import UUID

from temporalio import activity

from activities.errors import as_application_error
from contracts.flow import FlowInput
from contracts.provider import REFRESH_PROVIDER, ProviderRefreshed
from contracts.provider_payment import READ_METHOD, MethodRead
from db.engine import Database
from db.flows.base import FlowSteps
from db.flows.chek_user import method_read
from db.queries import provider as queries
from db.queries import provider_payment
from db.unit_of_work import UnitOfWork
from domain.errors import StateConflict, Unavailable
from rails.base import EvidenceUnavailable
from rails.chek.documents import ChekUser


class ChekUsers(Protocol):
    """Where a Chek user can be read."""

    async def user(self, user_id: str) -> ChekUser:
        """The user. Raises EvidenceUnavailable."""


class Providers:
    """Keeps providers' payment settings as Chek tells them. `chek` is None where Chek is not used."""

    def __init__(self, database: Database, flows: Mapping[str, FlowSteps], chek: ChekUsers | None) -> None:
        self._database = database
        self._payments = flows[provider_payment.FLOW]
        self._chek = chek

    @activity.defn(name=REFRESH_PROVIDER)
    async def refresh(self, provider: FlowInput) -> ProviderRefreshed:
        """Read one provider; tried again for as long as Chek is away. Payments that waited for its method go on."""
        async with self._unit_of_work(provider.organization_id) as uow:
            settings = await queries.payment_settings(uow, provider.id)
        try:
            user = await self._refresh(provider.organization_id, settings)
        except EvidenceUnavailable:
            raise as_application_error(Unavailable("Chek does not answer.", code="partner_unavailable")) from None
        except StateConflict as error:
            raise as_application_error(error) from None
        async with self._unit_of_work(provider.organization_id) as uow:
            await method_read(uow, self._payments, provider.id)
        return ProviderRefreshed(
            direct_pay_status=user.direct_pay_status, card_status=None if user.card is None else user.card.status
        )

    @activity.defn(name=READ_METHOD)
    async def read_method(self, payment: FlowInput) -> MethodRead:
        """Read the provider of a payment before money is moved for it."""
        async with self._unit_of_work(payment.organization_id) as uow:
            row = await provider_payment.get(uow, payment.id)
            settings = await queries.payment_settings(uow, row["provider_id"])
        try:
            await self._refresh(payment.organization_id, settings)
        except EvidenceUnavailable:
            return MethodRead(reached=False)
        except StateConflict:
            return MethodRead(reached=True)  # without a wallet: the payment itself says so and stops
        return MethodRead(reached=True)

    async def _refresh(self, organization_id: UUID, settings: Mapping[Any, Any] | None) -> ChekUser:
        """`settings` as they were read just now, None for a provider without any."""
        if settings is None:
            raise StateConflict("provider_not_onboarded", "The provider has no wallet at Chek yet.")
        if self._chek is None:
            raise EvidenceUnavailable("chek: not configured")
        user = await self._chek.user(settings["chek_user_id"])
        card = user.card
        told = {
            "direct_pay_id": user.direct_pay_id,
            "direct_pay_status": user.direct_pay_status,
            "card_id": None if card is None else card.id,
            "card_status": None if card is None else card.status,
        }
        provider_id: UUID = settings["provider_id"]
        async with self._unit_of_work(organization_id) as uow:
            now = await uow.business_now()
            if any(settings[name] != value for name, value in told.items()) or settings["refreshed_at"] is None:
                await queries.change_payment_settings(uow, provider_id, "method_read", **told, refreshed_at=now)
            else:
                await queries.seen_unchanged(uow, provider_id, now)
        return user

    def _unit_of_work(self, organization_id: UUID) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(organization_id, actor="chek/refresh")
