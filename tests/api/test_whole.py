"""The whole API over a system in which everything has happened: it answers as described, and only to who may know."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from activities.event_delivery import body_of
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from db.tables.event import outgoing_event
from domain.ids import new_id
from domain.public_ids import SUBJECTS
from tests.api.busy import Busy, busy_system
from tests.api.routes import DESCRIPTION, NOBODY, ROUTES, Route
from tests.api.well_formed import JSON, well_formed

pytestmark = pytest.mark.asyncio(loop_scope="module")
# what rails send is no JSON body of ours
NAMED = [route for route in ROUTES if not route.path.startswith("/v1/webhooks/")]
# with the clock hundreds of days would pass
ASKED = [route for route in NAMED if route.path != "/v1/sandbox/clock/advance"]
LISTS = [route for route in NAMED if route.method == "GET" and "{" not in route.path]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
RAW_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-")
schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Busy]:
    """One busy system for all tests of this file."""
    async with busy_system(migrated, temporal) as opened:
        yield opened


@pytest.mark.parametrize("route", NAMED, ids=str)
async def test_another_organizations_objects_are_not_found(busy: Busy, route: Route) -> None:
    path, body = await well_formed(busy.stranger, route)
    if NOBODY not in path + json.dumps(body):
        return
    content = b"" if body is None else json.dumps(busy.real(body)).encode()
    headers = JSON | {"Idempotency-Key": new_id().hex}
    answer = await busy.stranger.request(route.method, busy.real(path), content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_lists_show_ones_own_only(busy: Busy, route: Route) -> None:
    seen = (await busy.stranger.get(route.path)).text
    assert [known for known in busy.ids.values() if known in seen] == []


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_a_filter_that_is_misspelt_is_refused_by_its_name(busy: Busy, route: Route) -> None:
    answer = await busy.stranger.get(route.path, params={"stat": "failed"})
    assert (answer.status_code, answer.json()["field"]) == (422, "stat"), answer.text


async def test_events_name_everything_as_the_api_does(busy: Busy) -> None:
    async with busy.system.house.database.unit_of_work(busy.system.organization_id, actor="test") as uow:
        events = await uow.all(select(outgoing_event))
    assert {event["subject_kind"] for event in events} <= set(SUBJECTS)
    told = [body_of(event) for event in events]
    assert not (raw := [body for body in told if RAW_ID.search(body)]), "\n".join(raw)
    assert len({event["type"].partition(".")[0] for event in events}) > 8


# the application runs in the other thread, and a driver that connects there draws from the same generator
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("route", ASKED, ids=str)
async def test_whatever_is_asked_is_answered_as_described(busy: Busy, route: Route) -> None:
    """Generated requests, good and bad, half of them about objects that exist."""
    operation = schema[route.path][route.method]
    path, _ = await well_formed(busy.owner, route)
    owner = busy.owner.headers["Authorization"]
    loop = asyncio.get_running_loop()

    async def send(case: Any, *, existing: bool) -> httpx.Response:
        kwargs = case.as_transport_kwargs(base_url="http://bursar.test")
        url = f"http://bursar.test{busy.real(path)}" if existing else kwargs["url"]
        # who asks is never in doubt here, so that requests reach what stands behind
        told = {**kwargs.get("headers", {}), "Authorization": owner, "Idempotency-Key": new_id().hex}
        headers = {name.encode("latin-1"): value.encode("latin-1") for name, value in told.items()}
        return await busy.owner.request(
            route.method,
            url,
            params=kwargs.get("params"),
            content=kwargs.get("data"),
            json=kwargs.get("json"),
            headers=headers,
        )

    @given(
        case=operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE),
        existing=st.booleans(),
    )
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, existing: bool) -> None:
        answer = asyncio.run_coroutine_threadsafe(send(case, existing=existing), loop).result(30)
        case.validate_response(answer, checks=CHECKS)

    await asyncio.to_thread(ask)
