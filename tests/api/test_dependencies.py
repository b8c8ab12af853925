"""What routes depend on is coroutines: the framework calls anything else in a thread, twice the price of a query."""

from collections.abc import Iterator
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.routes import ROUTERS


def test_nothing_runs_in_a_thread() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 100
    assert {call for route in routes for call in _called(route.dependant) if not _is_coroutine(call)} == set()


def _called(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for further in dependant.dependencies:
        yield from _called(further)


def _is_coroutine(call: Any) -> bool:
    return any(iscoroutinefunction(made) or isasyncgenfunction(made) for made in (call, type(call).__call__))
