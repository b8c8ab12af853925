"""/v1/onboardings: families and providers are made known at Chek, and providers payable."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.flow import CommandRequest
from api.schemas.onboarding import NewOnboarding, OnboardingView, onboarding_view
from api.unit_of_work import Work
from db.flows.onboarding import wallet_of, wallets_of
from db.queries import onboarding as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_party import Party
from domain.ids import parse_public_id
from domain.onboarding import OPEN, OnboardingState
from services import onboarding as service
from services.flow_command import command

routes = router("onboardings")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=202, dependencies=[needs("onboardings:write")], response_model=OnboardingView)
async def onboard(body: NewOnboarding, once: Once, context: Context) -> object:
    """Find or make a person's Chek user. Who is being onboarded already is not twice."""
    whom = _whom(body)
    program_id = _optional("prog", body.program_id, "program_id")
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        row, _ = await service.onboard(uow, context.flows, whom, _person(body), body.method, program_id)
        made.append(row["id"])
        return Answer(202, await _view(context, uow, row))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get(uow, made[0])
        return None if OnboardingState(row["state"]) in OPEN else Answer(200, await _whole(context, uow, made[0]))

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("onboardings:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    family_id: Id = None,
    provider_id: Id = None,
    state: OnboardingState | None = None,
) -> Page[OnboardingView]:
    """Onboardings, newest first."""
    filters: dict[str, Any] = {
        "family_id": _optional("fam", family_id, "family_id"),
        "provider_id": _optional("prov", provider_id, "provider_id"),
        "state": state,
    }
    rows = await queries.list_onboardings(uow, after=pages.after, limit=pages.fetch, filters=filters)
    users, steps = await wallets_of(uow, rows), context.flows[queries.FLOW]
    return pages.page(
        rows,
        lambda row: onboarding_view(row, users.get(row["id"]), links_of(context, steps.run(row))),
        lambda row: row["id"],
    )


@routes.get("/{onboarding_id}", dependencies=[needs("onboardings:read")])
async def get(onboarding_id: str, uow: Work, context: Context) -> OnboardingView:
    """One onboarding with its calls to Chek, timeline and cases."""
    return await _whole(context, uow, _id(onboarding_id))


@routes.post("/{onboarding_id}/retry", status_code=202, response_model=OnboardingView)
async def retry(onboarding_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Do the stopped step again; what is there by then is not made again."""
    return await _command(once, context, asker, _id(onboarding_id), "retry", body)


@routes.post("/{onboarding_id}/cancel", status_code=202, response_model=OnboardingView)
async def cancel(onboarding_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Leave it. What Chek has made by then stays; a request that was sent is not called back."""
    return await _command(once, context, asker, _id(onboarding_id), "cancel", body)


async def _command(once: Once, context: ApiContext, asker: Asker, onboarding_id: UUID, name: str, body: Any) -> object:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[queries.FLOW], asker, onboarding_id, name, asked(body))
        return Answer(202, await _view(context, uow, row))

    return await once.answer(deed)


def _whom(body: NewOnboarding) -> Party:
    if body.family_id is not None:
        return Party("family", parse_public_id("fam", body.family_id, field="family_id"))
    return Party("provider", parse_public_id("prov", body.provider_id or "", field="provider_id"))


def _person(body: NewOnboarding) -> service.Person | None:
    if body.person is None:
        return None
    given = body.person.model_dump()
    address = {name: value for name, value in given.pop("address").items() if value is not None}
    return service.Person(**given, address=address)


def _optional(prefix: str, text: str | None, field: str) -> UUID | None:
    return None if text is None else parse_public_id(prefix, text, field=field)


async def _view(context: ApiContext, uow: UnitOfWork, row: Any) -> OnboardingView:
    return onboarding_view(row, await wallet_of(uow, row), links_of(context, context.flows[queries.FLOW].run(row)))


async def _whole(context: ApiContext, uow: UnitOfWork, onboarding_id: UUID) -> OnboardingView:
    row = await queries.get(uow, onboarding_id)
    links = links_of(context, context.flows[queries.FLOW].run(row))
    return onboarding_view(row, await wallet_of(uow, row), links, await detail_of(uow, queries.FLOW, onboarding_id))


def _id(text: str) -> UUID:
    return parse_public_id("onb", text, field="onboarding_id")
