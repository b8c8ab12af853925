"""The router that every noun under /v1 is made of: authenticated, strict about JSON, with its problems documented."""

from fastapi import APIRouter, Depends

from api.auth import authenticated
from api.json_body import StrictRoute
from api.problems import documented


def router(noun: str) -> APIRouter:
    """The router of one noun, for example ``router("ach-debits")`` for /v1/ach-debits; the noun is its tag."""
    return APIRouter(
        prefix=f"/v1/{noun}",
        tags=[noun],
        route_class=StrictRoute,
        dependencies=[Depends(authenticated)],
        responses=documented(),
    )
