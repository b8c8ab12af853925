"""No request reads more of a growing table than its answer shows, whoever else has how many rows.

PostgreSQL's own counters say what was read. Plans are made for the values at hand: a plan for any value counts with a
part of all rows for `limit $1`, and is not taken as long as it looks dearer.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import asyncpg
import httpx
import pytest
from temporalio.client import Client

import db.engine
from activities.workflow_outbox import WorkflowOutbox
from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.envelope import Envelope
from db.queries import ach, approval_limit, event_delivery, idempotency, inbox, pay_run
from domain.errors import NotFound
from domain.ids import new_id
from domain.inbox import Received
from tests.api.application import Application, Member, application_over
from tests.api.example import resolved
from tests.api.routes import NOBODY, ROUTES, Route
from tests.api.well_formed import ID_OF, well_formed
from tests.db.plans.crowd import ENDED, GROWING, crowd, nth, without_checks

MANY, FEW = 6_000, 400
"""Rows per table of two organizations. The one with few has the older ids: who goes through all meets the other's."""
PAGE = 5
MOST = 200
"""Rows of one table that a request with a page of five may read."""
WHOLE = {
    "/v1/compliance/nacha": "counts all of an audit's period",
    "/v1/return-rates": "counts all entries of sixty days",
    "/v1/programs/{program_id}/due-pairs": "weighs all days that a pay run would pay",
    "/v1/reports/{report_id}/expenses/{expense_id}/receipts/{receipt_id}": "shows a file, and there is none",
    "/v1/reports/{report_id}/wire": "shows what a person hands over: no such task is made here",
    "/v1/pay-runs": "counts all pairs of the runs that it shows",
    "/v1/pay-runs/{run_id}": "counts all pairs of the run",
    "/v1/pay-runs/{run_id}/pairs": "weighs all pairs of the run: where one stands its payment says",
}
"""What reads many rows because that is what it is asked for, and why."""
IDS = ("01910000-0000-7000-8000-", "01900000-0000-7000-8000-")
GETS = [route for route in ROUTES if route.method == "GET" and route.path not in WHOLE]


@dataclass
class Crowd:
    """An application with two organizations, and what was read by whom."""

    application: Application
    owner: "asyncpg.Connection[asyncpg.Record]"
    found: dict[str, dict[str, str]] = field(default_factory=dict)

    async def watch(self, name: str, deed: Callable[[], Awaitable[object]]) -> None:
        """Do it, and keep under its name what it read too much of."""
        before = await self._read()
        answer = await deed()
        after = await self._read()
        for table, (scanned, rows) in after.items():
            if scanned > before[table][0] or rows - before[table][1] > MOST:
                self.found.setdefault(name, {})[table] = f"{rows - before[table][1]} rows"
        if isinstance(answer, httpx.Response) and answer.status_code >= 500:
            self.found.setdefault(name, {})["answer"] = answer.text

    async def _read(self) -> dict[str, tuple[int, int]]:
        rows = await self.owner.fetch(
            "select relname, coalesce(seq_tup_read, 0) as scanned, coalesce(seq_tup_read + idx_tup_fetch, 0) as rows"
            " from pg_stat_user_tables where schemaname = 'public' and relname = any ($1)",
            GROWING,
        )
        return {row["relname"]: (row["scanned"], row["rows"]) for row in rows}


@pytest.fixture
async def crowded(migrated: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crowd]:
    """The application; each of its transactions tells at its end what it read, secrets are all the same."""
    begin = db.engine._begin

    async def telling(driver: Any, statement: str) -> bool:
        told = f"{statement}; set local plan_cache_mode = force_custom_plan; select pg_stat_force_next_flush()"
        return await begin(driver, told)

    monkeypatch.setattr(db.engine, "_begin", telling)
    monkeypatch.setattr(Envelope, "open", lambda *_, **__: b'{"recipient": "ada@example.test", "values": {}}')
    async with application_over(migrated) as application:
        url = application.settings.database.owner_url.get_secret_value().replace("+asyncpg", "")
        owner = await asyncpg.connect(url, server_settings={"stats_fetch_consistency": "none"})
        await without_checks(owner)
        for member, rows, ids in zip((application.ada, application.grace), (MANY, FEW), IDS, strict=True):
            await crowd(owner, member.organization_id, rows=rows, ids=ids)
        await owner.execute("analyze")
        yield Crowd(application, owner)
        await owner.close()


async def test_no_request_reads_more_of_a_growing_table_than_it_shows(crowded: Crowd) -> None:
    await every_get(crowded)
    await what_posts_look_up(crowded)
    await what_long_runs_look_up(crowded)
    assert crowded.found == {}


async def every_get(crowded: Crowd) -> None:
    """Every list with and without each filter, and one of everything."""
    members = (crowded.application.ada, crowded.application.grace)
    for member, ids in zip(members, IDS, strict=True):
        for route in GETS:
            path = await of_a_row(member.client, route, ids)
            await crowded.watch(f"{ids[:4]} {path}", get(member.client, path))
            for name, value in [each async for each in filters(member.client, route, path, ids)]:
                filtered = f"{path}{'&' if '?' in path else '?'}{name}={value}"
                await crowded.watch(f"{ids[:4]} {filtered}", get(member.client, filtered))


async def what_posts_look_up(crowded: Crowd) -> None:
    """Idempotency keys, day limits and uses; the inbox of webhooks, what is to be delivered, runs to be started."""
    database = crowded.application.database
    outbox = WorkflowOutbox(database, cast("Client", None), task_queue="", public_url="")
    for member, ids in zip((crowded.application.ada, crowded.application.grace), IDS, strict=True):

        async def ask(member: Member = member, ids: str = ids) -> None:
            keep = timedelta(hours=1)
            async with database.unit_of_work(member.organization_id, actor="test") as uow:
                await idempotency.claim(uow, new_id().hex, "/v1/test", b"", keep)
                await idempotency.claim(uow, "key/7", "/v1/test", b"", keep)
                await ach.account_to_use(uow, nth(ids, 1), date(2026, 10, 30), "debit")
                await ach.last_used(uow, [nth(ids, 1), nth(ids, 7)])
                await approval_limit.used(uow, nth(ids, 1), datetime(2026, 10, 30, tzinfo=UTC))

        async def hear(ids: str = ids) -> None:
            received = Received(source="epx", event_id=new_id().hex, kind="test", subject="test", payload=b"{}")
            async with database.across_organizations(actor="test") as uow:
                await inbox.store(uow, received)
                for event in await inbox.due(uow, limit=20):
                    await inbox.take(uow, event["id"])
                with suppress(NotFound):
                    await event_delivery.claim(uow, nth(ids, 1), limit=20, lease=timedelta(seconds=1))

        await crowded.watch(f"{ids[:4]} POST", ask)
        await crowded.watch(f"{ids[:4]} inbox", hear)
        await crowded.watch(f"{ids[:4]} outbox", lambda: outbox._claim(100))


async def what_long_runs_look_up(crowded: Crowd) -> None:
    """Whom a pay run pays now and next: not all of its pairs each time that one of them is paid."""
    for member, ids in zip((crowded.application.ada, crowded.application.grace), IDS, strict=True):

        async def look(member: Member = member, ids: str = ids) -> None:
            async with crowded.application.database.unit_of_work(member.organization_id, actor="test") as uow:
                for busy in (set(), {nth(ids, 7)}):
                    await pay_run.waiting(uow, nth(ids, 1), busy, 2)
                await pay_run.under_way(uow, nth(ids, 1))

        await crowded.watch(f"{ids[:4]} pay run", look)


def get(client: httpx.AsyncClient, path: str) -> Callable[[], Awaitable[httpx.Response]]:
    return lambda: client.get(path)


async def of_a_row(client: httpx.AsyncClient, route: Route, ids: str) -> str:
    """The address of a list's page, or of the first row that is of the route's kind."""
    path, _ = await well_formed(client, route)
    if NOBODY not in path:
        return path + f"?limit={PAGE}" * any(each["name"] == "limit" for each in route.operation.get("parameters", ()))
    for n in range(1, 7):
        row = path.replace(NOBODY, nth(ids, n).hex)
        if (await client.get(row)).status_code != 404:
            break
    return row


async def filters(client: httpx.AsyncClient, route: Route, path: str, ids: str) -> AsyncIterator[tuple[str, object]]:
    """Each filter of a route, with values that few rows have. Of a merchant are a good part of all rows."""
    for each in route.operation.get("parameters", ()):
        if each["in"] == "query" and each["name"] not in ("limit", "cursor", "merchant_id"):
            for value in _values(each["name"], resolved(each["schema"]), ids):
                refused = (await client.get(path, params={each["name"]: str(value)})).json().get("detail", "")
                wanted = ID_OF.fullmatch(refused)
                yield each["name"], value if wanted is None else f"{wanted['prefix']}{nth(ids, 1).hex}"


def _values(name: str, schema: dict[str, Any], ids: str) -> Iterator[object]:
    if "enum" in schema:
        rare = [value for value in schema["enum"] if value not in ENDED.values()]
        yield from dict.fromkeys((rare[0], rare[-1]))
    elif schema.get("type") == "integer":
        yield 4
    elif schema.get("format") == "date":
        yield "2026-10-30"
    else:
        yield f"{ids[:4]}7" if name.endswith("_id") else {"code": "R01"}.get(name, "x")
