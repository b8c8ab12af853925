"""/v1/providers and /v1/payment-rates: who cares for children, how they are paid, and what a day costs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from api.acting_for import READS_OWN, ActingFor
from api.auth import needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.family import ChangedContact
from api.schemas.provider import (
    NewProvider,
    NewRate,
    PaymentSettingsRequest,
    ProviderView,
    RateView,
    provider_view,
    rate_view,
)
from api.unit_of_work import Work
from db.queries import contact
from db.queries import provider as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_party import require_own
from domain.errors import PermissionDenied
from domain.ids import parse_public_id
from services import provider as service

routes = router("providers")
rates = router("payment-rates")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=201, dependencies=[needs("providers:write")], response_model=ProviderView)
async def create(body: NewProvider, once: Once) -> object:
    """Register a provider."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.create(
            uow, body.external_id, body.name, body.kind, body.language, attendance_waived=body.attendance_waived
        )
        await contact.change(uow, "provider", row["id"], email=body.email, language=None)
        return Answer(201, await _view(uow, row["id"]))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("providers:read")])
async def list_all(
    uow: Work, pages: Pages, external_id: Annotated[str | None, Query(max_length=64)] = None
) -> Page[ProviderView]:
    """Providers, newest first."""
    rows = await queries.list_providers(uow, after=pages.after, limit=pages.fetch, filters={"external_id": external_id})
    settings = await queries.payment_settings_of(uow, [row["id"] for row in rows])
    return pages.page(rows, lambda row: provider_view(row, settings.get(row["id"])), lambda row: row["id"])


@routes.get("/{provider_id}", dependencies=[needs("providers:read"), READS_OWN])
async def get(provider_id: str, uow: Work) -> ProviderView:
    """One provider."""
    return await _view(uow, _id(provider_id))


@routes.post("/{provider_id}/contact", dependencies=[needs("providers:write")], response_model=ProviderView)
async def change_contact(provider_id: str, body: ChangedContact, once: Once) -> object:
    """Say how to write to the provider: its address and its language."""

    async def deed(uow: UnitOfWork) -> Answer:
        await queries.get(uow, _id(provider_id), lock=True)
        await contact.change(uow, "provider", _id(provider_id), email=body.email, language=body.language)
        return Answer(200, await _view(uow, _id(provider_id)))

    return await once.answer(deed)


@routes.post("/{provider_id}/payment-settings", dependencies=[needs("providers:write")], response_model=ProviderView)
async def set_payment_settings(
    provider_id: str, body: PaymentSettingsRequest, once: Once, context: Context, party: ActingFor
) -> object:
    """Set the wallet (once) and the method. Payments that wait for another method go on by it."""

    async def deed(uow: UnitOfWork) -> Answer:
        require_own(party, {"provider_id": _id(provider_id)}, "provider")
        if body.chek_user_id is not None:
            if party is not None:
                raise PermissionDenied("Only staff says whose wallet a provider is paid in.", code="staff_only")
            await service.set_wallet(uow, _id(provider_id), body.chek_user_id)
        if body.method is not None:
            await service.choose_method(uow, context.flows, _id(provider_id), body.method)
        return Answer(200, await _view(uow, _id(provider_id)))

    return await once.answer(deed)


@routes.post(
    "/{provider_id}/refresh",
    status_code=202,
    dependencies=[needs("providers:write"), READS_OWN],
    response_model=ProviderView,
)
async def refresh(provider_id: str, once: Once) -> object:
    """Have Chek asked how the provider is paid. `Prefer: wait` waits for Chek's answer."""
    before: list[object] = []

    async def deed(uow: UnitOfWork) -> Answer:
        await service.refresh(uow, _id(provider_id))
        view = await _view(uow, _id(provider_id))
        before.append(view.payment_settings and view.payment_settings.refreshed_at)
        return Answer(202, view)

    async def settled(uow: UnitOfWork) -> Answer | None:
        view = await _view(uow, _id(provider_id))
        now = view.payment_settings and view.payment_settings.refreshed_at
        return None if now == before[-1] else Answer(200, view)

    return await once.answer(deed, settled)


@rates.post("", status_code=201, dependencies=[needs("providers:write")], response_model=RateView)
async def set_rate(body: NewRate, once: Once, party: ActingFor) -> object:
    """Set what days of a child cost with a provider from a date on."""
    child_id = parse_public_id("child", body.child_id, field="child_id")

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.set_rate(
            uow,
            _id(body.provider_id),
            child_id,
            body.effective_from,
            body.half_day,
            body.full_day,
            party=party,
        )
        return Answer(201, rate_view(row))

    return await once.answer(deed)


@rates.get("", dependencies=[needs("providers:read"), READS_OWN])
async def list_rates(uow: Work, pages: Pages, provider_id: Id = None, child_id: Id = None) -> Page[RateView]:
    """Rates, newest first."""
    filters = {
        "provider_id": None if provider_id is None else _id(provider_id),
        "child_id": None if child_id is None else parse_public_id("child", child_id, field="child_id"),
    }
    rows = await queries.list_rates(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, rate_view, lambda row: row["id"])


@rates.get("/{rate_id}", dependencies=[needs("providers:read"), READS_OWN])
async def get_rate(rate_id: str, uow: Work) -> RateView:
    """One rate."""
    return rate_view(await queries.get_rate(uow, parse_public_id("rate", rate_id, field="rate_id")))


async def _view(uow: UnitOfWork, provider_id: UUID) -> ProviderView:
    return provider_view(await queries.get(uow, provider_id), await queries.payment_settings(uow, provider_id))


def _id(text: str) -> UUID:
    return parse_public_id("prov", text, field="provider_id")
