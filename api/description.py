"""The OpenAPI description: what the framework derives from the routes, and what only we know."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from api.problems import Problem, documented_alone

REQUIRED_HEADER = "Idempotency-Key"


class DescribedApi(FastAPI):
    """An application whose description shows problem documents as what they are, and required headers as required.

    Idempotency-Key is optional to the framework, so that its absence is our own problem document.
    """

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            description = super().openapi()
            schemas = description.setdefault("components", {}).setdefault("schemas", {})
            _, problems = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
            schemas.update(problems["$defs"])
            for path in description["paths"].values():
                for method, operation in path.items():
                    parameters = operation.get("parameters", ())
                    for parameter in parameters:
                        if parameter["name"] == REQUIRED_HEADER:
                            parameter["required"] = True
                    about_one = any(parameter["in"] == "path" for parameter in parameters)
                    _add_problems(operation, changes=method != "get", about_one=about_one)
        return self.openapi_schema or {}


def _add_problems(operation: dict[str, Any], *, changes: bool, about_one: bool) -> None:
    """What can go wrong follows from what a route takes: a body, a key, an id, something in a state."""
    statuses = {404} if about_one else set()
    if changes:
        statuses |= {400, 404, 409, 413}
    if "requestBody" in operation:
        statuses.add(415)
    known = operation["responses"]
    found = {str(status): described for status, described in documented_alone(*statuses).items()}
    operation["responses"] = dict(sorted({**found, **known}.items()))
