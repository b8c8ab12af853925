"""docs/api.md says what the code does."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from activities.webhook_sender import TOTAL_SECONDS
from domain.webhook_endpoint import pause_after
from settings import ApiSettings
from tests.api.documentation import PAGE, rendered

TEXT = PAGE.read_text()


def test_routes_and_codes_are_in_step() -> None:
    assert rendered(TEXT) == TEXT, "run: python -m tests.api.documentation"


def test_numbers_are_the_codes_own() -> None:
    knobs = ApiSettings()
    assert f"{knobs.idempotency_key_hours} hours" in TEXT
    assert f"{knobs.rate_burst} requests at once and {knobs.rate_per_second:g} a second" in TEXT
    assert f"up to {knobs.body_limit_bytes // 1_000_000} MB" in TEXT
    assert f"within {TOTAL_SECONDS:g} seconds" in TEXT
    assert [pause_after(n).total_seconds() for n in range(1, 10)] == [5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800]


def test_the_example_of_a_receiver_works() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    scope: dict[str, Any] = {}
    exec(example, scope)  # noqa: S102 - our own page
    secret, body, now = "whsec_c2VjcmV0", b'{"id":"evt_1","type":"thing.made","data":{"id":"x"}}', datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", now, body.decode()),
    }
    seen: set[str] = set()
    assert scope["receive"](secret, headers, body, seen) == ("thing.made", "x")
    assert scope["receive"](secret, headers, body, seen) is None
    with pytest.raises(WebhookVerificationError):
        scope["receive"](secret, headers, body + b" ", seen)
