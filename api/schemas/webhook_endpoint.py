"""Webhook endpoints in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from api.fields import RequestModel, ResponseModel, printable
from domain.ids import public_id
from domain.webhook_endpoint import LONGEST_URL


class NewWebhookEndpoint(RequestModel):
    """Where to send events. In the live environment https and public addresses only."""

    url: str = Field(min_length=1, max_length=LONGEST_URL, examples=["https://example.com/bursar-events"])
    description: Annotated[str, Field(max_length=200), AfterValidator(printable)] = ""


class WebhookEndpointView(ResponseModel):
    """An endpoint and how its deliveries go. `secret` is there only in the first answer of creating and rotating."""

    id: str = Field(examples=["whe_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    url: str
    description: str
    created_at: datetime
    waiting: int = Field(description="events that are still to be delivered")
    given_up: int = Field(description="events that could not be delivered for three days")
    failures: int = Field(description="failed tries since the last success")
    paused_until: datetime | None = Field(description="nothing is sent until then, because of the failures")
    last_delivered_at: datetime | None
    last_problem: str | None
    secret: str | None = Field(default=None, examples=[None])


def webhook_endpoint_view(
    row: Mapping[Any, Any], counts: tuple[int, int] = (0, 0), secret: str | None = None
) -> WebhookEndpointView:
    """An endpoint from its row and its numbers of events waiting and given up."""
    waiting, given_up = counts
    return WebhookEndpointView(
        id=public_id("whe", row["id"]),
        url=row["url"],
        description=row["description"],
        created_at=row["created_at"],
        waiting=waiting,
        given_up=given_up,
        failures=row["failures"],
        paused_until=row["paused_until"] if row["failures"] else None,
        last_delivered_at=row["last_delivered_at"],
        last_problem=row["last_problem"],
        secret=secret,
    )
