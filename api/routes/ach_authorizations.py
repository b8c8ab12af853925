"""/v1/ach-authorizations: what customers allowed, and the recurring debits under it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.ach_authorization import (
    AchAuthorizationView,
    AmountChange,
    NewAchAuthorization,
    ScheduleChange,
    State,
    authorization_detail,
    authorization_view,
)
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.queries import ach_notice as notices
from db.queries import flow_view
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money import Money
from services import ach_authorization as service
from services.flow_command import command

FLOW = queries.FLOW
NEWEST = 50
routes = router("ach-authorizations")


@routes.post("", status_code=201, dependencies=[needs("ach_authorizations:write")], response_model=AchAuthorizationView)
async def authorize(body: NewAchAuthorization, once: Once, context: Context) -> object:
    """Put an authorization on record. A recurring one charges by itself from its start date on."""
    given = body.model_dump(exclude={"account_id", "amount", "amount_min", "amount_max", "currency", "customer_email"})
    new = service.NewAuthorization(
        account_id=parse_public_id("acct", body.account_id, field="account_id"),
        money=Money(body.amount, body.currency),
        least=body.amount_min,
        most=body.amount_max,
        customer_email=body.customer_email.get_secret_value(),
        **given,
    )

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(201, _view(context, await service.authorize(uow, context.settings, new)))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("ach_authorizations:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    customer_id: Annotated[str | None, Query(max_length=100)] = None,
    merchant_id: Annotated[str | None, Query(max_length=60)] = None,
    account_id: Annotated[str | None, Query(max_length=60)] = None,
    state: State | None = None,
    kind: Literal["single", "recurring"] | None = None,
) -> Page[AchAuthorizationView]:
    """Authorizations, newest first."""
    filters: dict[str, Any] = {"customer_id": customer_id, "state": state, "kind": kind}
    if merchant_id is not None:
        filters["merchant_id"] = parse_public_id("mer", merchant_id, field="merchant_id")
    if account_id is not None:
        filters["account_id"] = parse_public_id("acct", account_id, field="account_id")
    rows = await queries.page(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, lambda row: _view(context, row), lambda row: row["id"])


@routes.get("/{authorization_id}", dependencies=[needs("ach_authorizations:read")])
async def get(authorization_id: str, uow: Work, context: Context) -> AchAuthorizationView:
    """One authorization with its periods, notices, history and cases."""
    key = _id(authorization_id)
    row = await queries.get(uow, key)
    detail = authorization_detail(
        await periods.latest(uow, key, NEWEST),
        await notices.page(uow, after=None, limit=NEWEST, filters={"authorization_id": key}),
        await queries.history(uow, key),
        await flow_view.timeline(uow, FLOW, key),
        await flow_view.cases(uow, FLOW, key),
    )
    return authorization_view(row, links_of(context, queries.run_of(row)), detail)


@routes.post("/{authorization_id}/pause", status_code=202, response_model=AchAuthorizationView)
async def pause(authorization_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Charge nothing until it is resumed; periods that fall into the pause are skipped."""
    return await once.answer(_command(context, asker, authorization_id, "pause", asked(body)))


@routes.post("/{authorization_id}/resume", status_code=202, response_model=AchAuthorizationView)
async def resume(authorization_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Charge again, from the next period on."""
    return await once.answer(_command(context, asker, authorization_id, "resume", asked(body)))


@routes.post("/{authorization_id}/cancel", status_code=202, response_model=AchAuthorizationView)
async def cancel(authorization_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """End it for good. It takes effect at once: what is not handed over yet is not debited."""
    return await once.answer(_command(context, asker, authorization_id, "cancel", asked(body)))


@routes.post("/{authorization_id}/change-amount", status_code=202, response_model=AchAuthorizationView)
async def change_amount(
    authorization_id: str, body: AmountChange, once: Once, context: Context, asker: Asker
) -> object:
    """Charge another amount: within an agreed range from the next announcement on, else ten days after a notice."""
    arguments = {"amount": body.amount, "reason": body.reason}
    return await once.answer(_command(context, asker, authorization_id, "change_amount", arguments))


@routes.post("/{authorization_id}/change-schedule", status_code=202, response_model=AchAuthorizationView)
async def change_schedule(
    authorization_id: str, body: ScheduleChange, once: Once, context: Context, asker: Asker
) -> object:
    """Charge on another date, with notice: the next charge that is not announced moves, those after it follow.

    The customer is told by mail, seven days before the first charge (ten where charges must be announced).
    """
    arguments = {"first_charge_on": body.first_charge_on.isoformat(), "reason": body.reason}
    return await once.answer(_command(context, asker, authorization_id, "change_schedule", arguments))


def _command(context: ApiContext, asker: Asker, shown_id: str, name: str, arguments: Mapping[str, Any]) -> Any:
    authorization_id = _id(shown_id)

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, authorization_id, name, arguments)
        return Answer(202, _view(context, row))

    return deed


def _view(context: ApiContext, row: Any) -> AchAuthorizationView:
    return authorization_view(row, links_of(context, queries.run_of(row)))


def _id(text: str) -> UUID:
    return parse_public_id("auth", text, field="authorization_id")
