"""Webhook endpoints as an organization asks for them: made with a secret that is shown once, rotated, removed."""

import secrets
from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import webhook_endpoint as queries
from db.unit_of_work import UnitOfWork
from domain.errors import LimitExceeded
from domain.ids import new_id
from domain.webhook_endpoint import require_webhook_url

MOST_ENDPOINTS = 20
OLD_SECRET_SIGNS_FOR = timedelta(hours=24)
_SUBJECT = "webhook-endpoint"
_SECRET_BYTES = 32


async def create(uow: UnitOfWork, url: str, description: str, *, live: bool) -> tuple[RowMapping, str]:
    """A new endpoint and its secret. Raises InvalidInput and LimitExceeded."""
    require_webhook_url(url, live=live)
    if len(await queries.standing(uow)) >= MOST_ENDPOINTS:
        raise LimitExceeded(
            f"An organization has at most {MOST_ENDPOINTS} webhook endpoints.", code="too_many_webhook_endpoints"
        )
    endpoint_id, secret = new_id(), secrets.token_bytes(_SECRET_BYTES)
    row = await queries.add(uow, endpoint_id, url, description, secret)
    # the path and the query of an address may be somebody's secret
    await uow.audit("webhook_endpoint.created", _SUBJECT, endpoint_id, {"host": urlsplit(url).hostname})
    return row, _shown(secret)


async def rotate(uow: UnitOfWork, endpoint_id: UUID) -> tuple[RowMapping, str]:
    """A new secret; for a day the old one signs too, so that receivers can change over. Raises NotFound."""
    await queries.get(uow, endpoint_id, lock=True)
    secret = secrets.token_bytes(_SECRET_BYTES)
    row = await queries.rotate(uow, endpoint_id, secret, keep=OLD_SECRET_SIGNS_FOR)
    await uow.audit("webhook_endpoint.secret_rotated", _SUBJECT, endpoint_id)
    return row, _shown(secret)


async def resend(uow: UnitOfWork, endpoint_id: UUID) -> RowMapping:
    """Send at once what waits or was given up. Raises NotFound."""
    await queries.get(uow, endpoint_id, lock=True)
    again = await queries.resend(uow, endpoint_id)
    await uow.audit("webhook_endpoint.resent", _SUBJECT, endpoint_id, {"events": again})
    return await queries.get(uow, endpoint_id)


async def remove(uow: UnitOfWork, endpoint_id: UUID) -> None:
    """No more events go there. Raises NotFound."""
    await queries.get(uow, endpoint_id, lock=True)
    await queries.remove(uow, endpoint_id)
    await uow.audit("webhook_endpoint.removed", _SUBJECT, endpoint_id)


def _shown(secret: bytes) -> str:
    """The form in which libraries of Standard Webhooks take a secret."""
    return f"whsec_{b64encode(secret).decode()}"
