"""Every route of /v1 as tests see it, so that a new one is covered without a word here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from api.description import DescribedApi
from api.routes import ROUTERS

NOBODY = "0" * 32


@dataclass(frozen=True)
class Route:
    """One method of one address, and what its description says of it."""

    method: str
    path: str
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of its JSON body, if it takes one."""
        found = self.operation.get("requestBody")
        if found is None or "application/json" not in found["content"]:
            return None
        return dict(found["content"]["application/json"]["schema"])

    @property
    def takes_file(self) -> bool:
        """Whether its body is a file, which may be larger than other bodies."""
        return self.body is None and "requestBody" in self.operation

    @property
    def needs_key(self) -> bool:
        """Whether it asks for an Idempotency-Key."""
        return any(item["name"] == "Idempotency-Key" for item in self.operation.get("parameters", ()))

    def address(self, **values: str) -> str:
        """The address with these values in it, and an id of nothing for the others."""
        path = self.path
        for item in self.operation.get("parameters", ()):
            if item["in"] == "path":
                path = path.replace("{" + item["name"] + "}", values.get(item["name"], f"x_{NOBODY}"))
        return path


def described() -> dict[str, Any]:
    """The description of the whole API, made without a database."""
    app: FastAPI = DescribedApi(title="Bursar", version="1")
    for router in ROUTERS:
        app.include_router(router)
    return app.openapi()


DESCRIPTION = described()
SCHEMAS: dict[str, Any] = DESCRIPTION["components"]["schemas"]


def _all() -> Iterator[Route]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield Route(method.upper(), path, operation)


ROUTES = list(_all())
POSTS = [route for route in ROUTES if route.method == "POST"]
WITH_BODY = [route for route in ROUTES if route.body is not None]
WITH_KEY = [route for route in ROUTES if route.needs_key]
