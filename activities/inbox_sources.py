"""Who may post to us: for each rail with webhooks, how its messages are verified and read."""

from collections.abc import Mapping
from typing import Protocol

from domain.inbox import Received
from rails.column.webhook import ColumnWebhook
from settings import Settings


class WebhookSource(Protocol):
    """One rail's webhooks."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Received:
        """The verified message. Raises Unauthenticated, or InvalidInput for what is no message."""


def webhook_sources(settings: Settings) -> Mapping[str, WebhookSource]:
    """The sources by name, as they stand in the path."""
    return {"column": ColumnWebhook(settings.column.webhook_secret.get_secret_value())}
