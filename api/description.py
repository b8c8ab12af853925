"""The OpenAPI description: what the framework derives from the routes, and what only we know."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from api.problems import Problem

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
                for operation in path.values():
                    for parameter in operation.get("parameters", ()):
                        if parameter["name"] == REQUIRED_HEADER:
                            parameter["required"] = True
        return self.openapi_schema or {}
