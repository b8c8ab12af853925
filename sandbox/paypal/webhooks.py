"""PayPal's events as they are sent: {id, event_type, resource, …} with a signature over their checksum."""

import json
from typing import Any

from sandbox.books import Row
from sandbox.column.events import Events
from sandbox.column.webhooks import Webhooks
from sandbox.paypal.access import Access
from sandbox.paypal.config import PayPalConfig


class PayPalWebhooks(Webhooks):
    def __init__(self, events: Events, config: PayPalConfig, access: Access) -> None:
        super().__init__(events, config)
        self._access = access

    def document(self, event: Row) -> dict[str, Any]:
        return {
            "id": event["id"].replace("evnt_", "WH-"),
            "event_version": "1.0",
            "create_time": event["created_at"],
            "resource_type": "payouts_item",
            "event_type": event["type"],
            "summary": event["type"].replace(".", " ").lower(),
            "resource": json.loads(event["data"]),
        }

    def headers(self, event: Row, body: bytes) -> dict[str, str]:
        return self._access.headers(event["id"], body)
