"""What the demo needs of the API and of the sandbox's control: plain HTTP, as anybody could write it."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from cli.embedded.failure import StartFailedError
from domain.ids import new_id

PATIENCE_SECONDS = 45


class DemoClient:
    """An operator's view of Bursar, and the sandbox's control beside it."""

    def __init__(self, api: httpx.Client, control: httpx.Client) -> None:
        self._api = api
        self._control = control

    def post(self, path: str, body: dict[str, Any], *, wait: int = 0) -> Any:
        """A POST under a fresh Idempotency-Key; `wait` prefers to be answered when the flow has settled."""
        headers = {"Idempotency-Key": f"demo-{new_id().hex}"}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        return _json(self._api.post(path, json=body, headers=headers))

    def get(self, path: str) -> Any:
        """A GET."""
        return _json(self._api.get(path))

    def until(self, path: str, wanted: Callable[[Any], bool]) -> Any:
        """GET until the answer is as wanted."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not wanted(seen := self.get(path)):
            if time.monotonic() > give_up:
                raise StartFailedError(f"the demo waited {PATIENCE_SECONDS} seconds for {path} in vain")
            time.sleep(0.15)
        return seen

    def advance_clock(self, *, days: int) -> None:
        """Let business days pass: partners settle, flows go on."""
        self.post("/v1/sandbox/clock/advance", {"days": days})

    def fault(self, partner: str, operation: str, kind: str, *, count: int = 1) -> None:
        """Have a partner misbehave."""
        _json(
            self._control.post(
                "/faults", json={"partner": partner, "operation": operation, "kind": kind, "count": count}
            )
        )

    def book(self, partner: str) -> Any:
        """A partner's own book."""
        return _json(self._control.get(f"/books/{partner}"))

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Anything else of the sandbox's control."""
        return _json(self._control.request(method, path, json=body))


def _json(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise StartFailedError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None
