"""What the demo needs of the API and of the sandbox's control: plain HTTP, as anybody could write it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import httpx

from cli.embedded.failure import StartFailedError
from domain.ids import new_id

PATIENCE_SECONDS = 45


class DemoClient:
    """An operator's view of Bursar, and the sandbox's control beside it."""

    def __init__(self, api: httpx.Client, control: httpx.Client, chek: httpx.Client) -> None:
        self._api = api
        self._control = control
        self.chek = chek
        """Chek itself: people and cards are opened there by the programme's staff."""

    def post(self, path: str, body: dict[str, Any] | None, *, wait: int = 0) -> Any:
        """A POST under a fresh Idempotency-Key; `wait` prefers to be answered when the flow has settled."""
        headers = {"Idempotency-Key": f"demo-{new_id().hex}"}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        return answer_of(self._api.post(path, json=body, headers=headers))

    def upload(self, path: str, content: bytes, media_type: str) -> Any:
        """A file under a fresh Idempotency-Key."""
        headers = {"Idempotency-Key": f"demo-{new_id().hex}", "Content-Type": media_type}
        return answer_of(self._api.post(path, content=content, headers=headers))

    def get(self, path: str) -> Any:
        """A GET."""
        return answer_of(self._api.get(path))

    def until(self, path: str, wanted: Callable[[Any], bool]) -> Any:
        """GET until the answer is as wanted."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not wanted(seen := self.get(path)):
            if time.monotonic() > give_up:
                state = seen.get("state") or seen.get("ach_state")
                raise StartFailedError(f"the demo waited {PATIENCE_SECONDS} seconds in vain: {path} is {state}")
            time.sleep(0.15)
        return seen

    def advance_clock(self, *, days: int) -> None:
        """Let business days pass: partners settle, flows go on."""
        self.post("/v1/sandbox/clock/advance", {"days": days})

    def live_until(self, instant: str) -> None:
        """Let whole days pass until a date or an instant is over, however many holidays lie before it."""
        now = datetime.fromisoformat(self.get("/v1/sandbox/clock")["business_now"])
        then = datetime.fromisoformat(instant)
        left = (then if then.tzinfo else then.replace(tzinfo=UTC) + timedelta(days=1)) - now
        self.advance_clock(days=max(1, ceil(left / timedelta(days=1))))

    def fault(self, partner: str, operation: str, kind: str, *, match: dict[str, Any] | None = None) -> int:
        """Have a partner's next such call go wrong; returns the fault's id."""
        body: dict[str, Any] = {"partner": partner, "operation": operation, "kind": kind, "count": 1}
        made = self.control("POST", "/faults", body if match is None else {**body, "match": match})
        return int(made["id"])

    def paused(self, fault: int) -> None:
        """Wait until a call stands still at a fault that pauses."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not any(item["waiting"] for item in self.control("GET", "/faults")["data"] if item["id"] == fault):
            if time.monotonic() > give_up:
                raise StartFailedError("the demo waited for a payment to reach the partner in vain")
            time.sleep(0.1)

    def book(self, partner: str) -> Any:
        """A partner's own book."""
        return answer_of(self._control.get(f"/books/{partner}"))

    def mail_to(self, address: str) -> Any:
        """The first mail in the sandbox's mailbox for this address, once it is there."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.control("GET", f"/mailbox/messages?to={address}")["data"]):
            if time.monotonic() > give_up:
                raise StartFailedError("the demo waited for a mail in vain")
            time.sleep(0.15)
        return found[0]

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Anything else of the sandbox's control."""
        return answer_of(self._control.request(method, path, json=body))


def answer_of(answer: httpx.Response) -> Any:
    """The JSON of an answer, which must be a success."""
    if not answer.is_success:
        raise StartFailedError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None
