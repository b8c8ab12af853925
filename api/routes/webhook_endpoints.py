"""/v1/webhook-endpoints: where an organization is told of its events, signed as Standard Webhooks says."""

from uuid import UUID

from starlette.responses import Response

from api.auth import needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page
from api.problems import documented
from api.router import router
from api.schemas.webhook_endpoint import NewWebhookEndpoint, WebhookEndpointView, webhook_endpoint_view
from api.unit_of_work import Work
from db.queries import webhook_endpoint as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import webhook_endpoint as service

routes = router("webhook-endpoints")
READ, WRITE = needs("webhook_endpoints:read"), needs("webhook_endpoints:write")


@routes.post("", status_code=201, dependencies=[WRITE], response_model=WebhookEndpointView)
async def create(body: NewWebhookEndpoint, once: Once, context: Context) -> object:
    """Add an endpoint. Its secret is in this answer and nowhere else; a repeat of the request does not show it."""

    async def deed(uow: UnitOfWork) -> Answer:
        live = context.settings.environment == "live"
        row, secret = await service.create(uow, body.url, body.description, live=live)
        return Answer(201, webhook_endpoint_view(row), shown_once=webhook_endpoint_view(row, secret=secret))

    return await once.answer(deed)


@routes.get("", dependencies=[READ])
async def list_all(uow: Work) -> Page[WebhookEndpointView]:
    """All endpoints (at most 20), newest first."""
    rows = await queries.standing(uow)
    counts = await queries.counts(uow, [row["id"] for row in rows])
    return Page(data=[webhook_endpoint_view(row, counts.get(row["id"], (0, 0))) for row in rows], has_more=False)


@routes.get("/{endpoint_id}", dependencies=[READ], responses=documented(404))
async def get(endpoint_id: str, uow: Work) -> WebhookEndpointView:
    """One endpoint and how its deliveries go."""
    return await _view(uow, _id(endpoint_id))


@routes.post("/{endpoint_id}/rotate-secret", dependencies=[WRITE], response_model=WebhookEndpointView)
async def rotate_secret(endpoint_id: str, once: Once) -> object:
    """Make a new secret, shown in this answer only. For 24 hours the old one signs beside it."""

    async def deed(uow: UnitOfWork) -> Answer:
        row, secret = await service.rotate(uow, _id(endpoint_id))
        return Answer(200, webhook_endpoint_view(row), shown_once=webhook_endpoint_view(row, secret=secret))

    return await once.answer(deed)


@routes.post("/{endpoint_id}/resend", status_code=202, dependencies=[WRITE], response_model=WebhookEndpointView)
async def resend(endpoint_id: str, once: Once) -> object:
    """Send at once what waits, and anew what was given up."""

    async def deed(uow: UnitOfWork) -> Answer:
        await service.resend(uow, _id(endpoint_id))
        return Answer(202, await _view(uow, _id(endpoint_id)))

    return await once.answer(deed)


@routes.delete("/{endpoint_id}", status_code=204, dependencies=[WRITE], responses=documented(404))
async def remove(endpoint_id: str, uow: Work) -> Response:
    """Remove an endpoint; what waits for it is not sent."""
    await service.remove(uow, _id(endpoint_id))
    return Response(status_code=204)


async def _view(uow: UnitOfWork, endpoint_id: UUID) -> WebhookEndpointView:
    row = await queries.get(uow, endpoint_id)
    counts = await queries.counts(uow, [endpoint_id])
    return webhook_endpoint_view(row, counts.get(endpoint_id, (0, 0)))


def _id(text: str) -> UUID:
    return parse_public_id("whe", text, field="endpoint_id")
