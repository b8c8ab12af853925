"""/v1/provider-payments: pay a provider for care days or a lump sum."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.acting_for import READS_OWN, ActingFor
from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.allocation import AcceptBalances
from api.schemas.flow import CommandRequest
from api.schemas.provider_payment import (
    NewProviderPayment,
    ProviderPaymentView,
    attempt_views,
    item_views,
    made_view,
    payment_view,
)
from api.unit_of_work import Work
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.provider_payment import NEXT_STEP, PaymentState
from services import provider_payment as service
from services.flow_command import command

routes = router("provider-payments")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=202, dependencies=[needs("provider_payments:write")], response_model=ProviderPaymentView)
async def pay(body: NewProviderPayment, once: Once, context: Context, party: ActingFor) -> object:
    """Pay for care days or a lump sum. What is being paid already is answered with its payment.

    `Prefer: wait` waits until the payment is paid, has ended otherwise, or has stopped.
    """
    days = [parse_public_id("day", text, field="care_day_ids") for text in body.care_day_ids or []]
    lump = None if body.lump_sum_id is None else parse_public_id("lump", body.lump_sum_id, field="lump_sum_id")
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        if lump is None:
            row, is_new = await service.pay_care_days(uow, context.flows, days, body.description, party=party)
        else:
            row, is_new = await service.pay_lump_sum(uow, context.flows, lump, body.description, party=party)
        made.append(row["id"])
        return Answer(202 if is_new else 200, _view(context, row))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get(uow, made[-1])
        if PaymentState(row["state"]) in NEXT_STEP:
            return None
        return Answer(200, await _whole(context, uow, made[-1]))

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("provider_payments:read"), READS_OWN])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    provider_id: Id = None,
    child_id: Id = None,
    family_id: Id = None,
    allocation_id: Id = None,
    state: PaymentState | None = None,
) -> Page[ProviderPaymentView]:
    """Payments, stopped and given back ones too, newest first."""
    named = {
        "provider_id": ("prov", provider_id),
        "child_id": ("child", child_id),
        "family_id": ("fam", family_id),
        "allocation_id": ("alloc", allocation_id),
    }
    filters: dict[str, Any] = {
        field: parse_public_id(prefix, text, field=field) for field, (prefix, text) in named.items() if text is not None
    }
    rows = await queries.list_payments(uow, after=pages.after, limit=pages.fetch, filters={**filters, "state": state})
    return pages.page(rows, lambda row: _view(context, row), lambda row: row["id"])


@routes.get("/{payment_id}", dependencies=[needs("provider_payments:read"), READS_OWN])
async def get(payment_id: str, uow: Work, context: Context) -> ProviderPaymentView:
    """One payment with items, attempts, money calls, ledger lines, timeline and cases."""
    return await _whole(context, uow, _id(payment_id))


@routes.post("/{payment_id}/retry", status_code=202, response_model=ProviderPaymentView)
async def retry(payment_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Do the stopped step again, and only that; a payout goes by the method the provider is paid by now."""
    return await _command(once, context, asker, _id(payment_id), "retry", body)


@routes.post("/{payment_id}/method-changed", status_code=202, response_model=ProviderPaymentView)
async def method_changed(payment_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Go on by the method the provider is paid by now, which is another one than the payment's."""
    return await _command(once, context, asker, _id(payment_id), "method_changed", body)


@routes.post("/{payment_id}/cancel", status_code=202, response_model=ProviderPaymentView)
async def cancel(payment_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before money moves, or give the money back to the family when only the payout is missing."""
    return await _command(once, context, asker, _id(payment_id), "cancel", body)


@routes.post("/{payment_id}/accept-balances", status_code=202, response_model=ProviderPaymentView)
async def accept_balances(payment_id: str, body: AcceptBalances, once: Once, context: Context, asker: Asker) -> object:
    """Book what others moved, as the open case shows it, and try the step anew."""
    return await _command(once, context, asker, _id(payment_id), "accept_balances", body)


async def _command(once: Once, context: ApiContext, asker: Asker, payment_id: UUID, name: str, body: Any) -> object:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[queries.FLOW], asker, payment_id, name, asked(body))
        return Answer(202, _view(context, row))

    return await once.answer(deed)


def _view(context: ApiContext, row: Any) -> ProviderPaymentView:
    return payment_view(row, links_of(context, context.flows[queries.FLOW].run(row)))


async def _whole(context: ApiContext, uow: UnitOfWork, payment_id: UUID) -> ProviderPaymentView:
    row = await queries.get(uow, payment_id)
    return payment_view(
        row,
        links_of(context, context.flows[queries.FLOW].run(row)),
        items=item_views(await queries.items(uow, payment_id)),
        attempts=attempt_views(await queries.attempts(uow, payment_id)),
        payment=made_view(await queries.payment_of(uow, payment_id)),
        detail=await detail_of(uow, queries.FLOW, payment_id),
    )


def _id(text: str) -> UUID:
    return parse_public_id("ppay", text, field="payment_id")
