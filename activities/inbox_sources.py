"""Who may post to us: for each rail with webhooks, how its messages are verified and read."""

from collections.abc import Mapping
from typing import Protocol

from domain.inbox import Received
from rails.column.webhook import ColumnWebhook
from rails.paypal.webhook import PayPalWebhook
from settings import Settings


class WebhookSource(Protocol):
    """One rail's webhooks."""

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """The verified message.

        Raises Unauthenticated, InvalidInput for what is no message, or Unavailable where it cannot be verified now.
        """


def webhook_sources(settings: Settings) -> Mapping[str, WebhookSource]:
    """The sources by name, as they stand in the path."""
    return {
        "column": ColumnWebhook(settings.column.webhook_secret.get_secret_value()),
        "paypal": PayPalWebhook(settings.paypal),
    }
