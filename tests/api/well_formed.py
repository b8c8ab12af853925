"""A request of any route that is read without complaint: ids of the right noun in all its places, of nothing."""

import copy
import json
import re
from typing import Any

import httpx

from domain.ids import new_id
from tests.api.example import example
from tests.api.routes import NOBODY, Route

JSON = {"Content-Type": "application/json"}
ID_OF = re.compile(r"Must be an id that starts with (?P<prefix>[a-z0-9]+_)\.")
_known: dict[str, tuple[str, Any]] = {}


async def well_formed(client: httpx.AsyncClient, route: Route) -> tuple[str, Any]:
    """Address and body. Which ids go where the route itself says, by refusing others."""
    if str(route) not in _known:
        _known[str(route)] = await _find_out(client, route)
    path, body = _known[str(route)]
    return path, copy.deepcopy(body)


async def _find_out(client: httpx.AsyncClient, route: Route) -> tuple[str, Any]:
    body = None if route.body is None else example(route.body)
    ids: dict[str, str] = {}
    for _ in range(10):
        path = route.address(**ids)
        content = b"" if body is None else json.dumps(body).encode()
        headers = JSON | {"Idempotency-Key": new_id().hex}
        document = (await client.request(route.method, path, content=content, headers=headers)).json()
        wanted = ID_OF.fullmatch(document.get("detail", ""))
        if wanted is None:
            return path, body
        value = wanted["prefix"] + NOBODY
        field = document["field"]
        if field.startswith("/"):
            _set(body, field, value)
        else:
            ids[field] = value
    raise AssertionError(f"{route} wants ever more ids")


def _set(body: Any, pointer: str, value: str) -> None:
    *parents, last = pointer.split("/")[1:]
    for part in parents:
        body = body[int(part) if isinstance(body, list) else part]
    if isinstance(body, list):
        body[int(last)] = value
    else:
        body[last] = [value] if isinstance(body[last], list) else value
