"""Nothing that answers a request runs in a thread: a hop there and back for each, and memory of each thread's own."""

from collections.abc import Iterator
from inspect import isasyncgenfunction, iscoroutinefunction

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.codec import codec
from api.health import health
from api.routes import ROUTERS


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for needed in dependant.dependencies:
        yield from _all(needed)


def _in_loop(dependant: Dependant) -> bool:
    """As the framework sees it; a security scheme is an object that is called."""
    called = dependant.call
    return any(
        kind(one) for kind in (iscoroutinefunction, isasyncgenfunction) for one in (called, type(called).__call__)
    )


@pytest.mark.parametrize("router", [health, codec, *ROUTERS], ids=lambda router: router.prefix)
def test_every_endpoint_and_all_it_needs_is_called_in_the_loop(router: APIRouter) -> None:
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    in_threads = {repr(one.call) for route in routes for one in _all(route.dependant) if not _in_loop(one)}

    assert routes
    assert not in_threads
