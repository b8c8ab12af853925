"""A small application over the real foundation: one noun with a resource that is only an outgoing event."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI, Query
from sqlalchemy import func, select
from temporalio.client import Client

from activities.money_call_settle import Settler
from api.app import create_app
from api.auth import Asker, needs
from api.context import ApiContext
from api.fields import Currency, Line, PositiveAmount, RequestModel, ResponseModel
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.unit_of_work import Work
from cli.embedded.postgres import EmbeddedPostgres
from db.engine import Database
from db.tables.event import outgoing_event
from db.unit_of_work import UnitOfWork
from db.workflow_run import OutboxRow
from domain.ids import new_id, public_id
from services.api_keys import create_key
from services.operators import add_operator
from settings import Settings


class NewThing(RequestModel):
    amount: PositiveAmount
    currency: Currency
    note: Line | None = None


class Thing(ResponseModel):
    id: str
    amount: int
    state: str


@dataclass
class Stage:
    """What a test tells the routes to do, and what they did."""

    refuse: BaseException | None = None
    before_commit: Callable[[], Awaitable[None]] | None = None
    settled: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    started: list[OutboxRow] = field(default_factory=list)
    start: Callable[[Sequence[OutboxRow]], Awaitable[None]] | None = None
    outbox: list[OutboxRow] = field(default_factory=list)


@dataclass(frozen=True)
class Api:
    """The application, its caller's key and what stands behind."""

    client: httpx.AsyncClient
    app: FastAPI
    database: Database
    stage: Stage
    organization_id: UUID
    owner_url: str

    async def things(self) -> int:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return int((await uow.connection.execute(select(func.count()).select_from(outgoing_event))).scalar_one())

    async def audited(self, action: str) -> list[dict[str, Any]]:
        """Audit rows of one action, as the owner of the database sees them."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            rows = await connection.fetch("select * from audit.entry where action = $1 order by id", action)
        finally:
            await connection.close()
        return [{**row, "detail": json.loads(row["detail"])} for row in rows]

    async def key(self, *, scopes: Sequence[str] = ("*",), **options: Any) -> str:
        created = await create_key(
            self.database,
            self.organization_id,
            operator_email="ada@example.test",
            name="test",
            scopes=scopes,
            live=options.pop("live", False),
            expires_in=options.pop("expires_in", None),
            actor="test",
        )
        return created.secret


def things_router(stage: Stage) -> Any:
    things = router("things")

    @things.post("", status_code=201, response_model=Thing, dependencies=[needs("things:write")])
    async def create(body: NewThing, once: Once, x: int = 0) -> Any:
        thing = Thing(id=public_id("thg", new_id()), amount=body.amount, state="open")

        async def deed(uow: UnitOfWork) -> Answer:
            await uow.tell("thing.made", "thing", thing.id)
            uow.outbox.extend(stage.outbox)
            if stage.before_commit is not None:
                await stage.before_commit()
            if stage.refuse is not None:
                raise stage.refuse
            return Answer(201, thing, {"Location": f"/v1/things/{thing.id}"})

        async def settled(_uow: UnitOfWork) -> Answer | None:
            stage.asked.set()
            return Answer(200, thing.model_copy(update={"state": "done"})) if stage.settled else None

        return await once.answer(deed, settled)

    @things.get("")
    async def index(work: Work, pages: Pages, kind: Annotated[str | None, Query(max_length=20)] = None) -> Page[str]:
        rows = await work.all(
            select(outgoing_event.c.id)
            .where(outgoing_event.c.id < pages.after if pages.after else outgoing_event.c.id.is_not(None))
            .order_by(outgoing_event.c.id.desc())
            .limit(pages.fetch)
        )
        return pages.page(rows, lambda row: str(row["id"]), lambda row: row["id"])

    @things.get("/{thing_id}")
    async def show(thing_id: str, asker: Asker, kind: str = "") -> dict[str, str]:
        if stage.refuse is not None:
            raise stage.refuse
        return {"id": thing_id, "organization": str(asker.organization_id), "request_id": asker.request_id}

    return things


def guarded_router() -> Any:
    guarded = router("guarded")

    @guarded.get("", dependencies=[needs("things:read")])
    async def look() -> dict[str, str]:
        return {}

    return guarded


@pytest.fixture
async def api(database: Database, migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Api]:
    added = await add_operator(database, organization="Ada's", name="Ada", email="ada@example.test", actor="test")
    stage = Stage()

    async def after_commit(rows: Sequence[OutboxRow]) -> None:
        stage.started.extend(rows)
        if stage.start is not None:
            await stage.start(rows)

    temporal = await Client.connect("127.0.0.1:1", lazy=True)
    settings = Settings(api={"body_limit_bytes": 2000, "rate_per_second": 1000, "rate_burst": 1000})
    app = create_app(
        ApiContext(settings, database, temporal, after_commit, {}, Settler(database, {}, deadline_seconds=1)),
        [things_router(stage), guarded_router()],
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bursar.test") as client:
        owner_url = migrated.url(database_name).replace("+asyncpg", "")
        api = Api(client, app, database, stage, added.organization_id, owner_url)
        client.headers["Authorization"] = f"Bearer {await api.key()}"
        yield api


@pytest.fixture
async def limited(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A caller with a key of its own, whose bucket holds three requests and gains one in twenty seconds."""
    context = api.app.state.context
    settings = Settings(api={"rate_per_second": 0.05, "rate_burst": 3})
    app = create_app(replace(context, settings=settings), [things_router(Stage())])
    headers = {"Authorization": f"Bearer {await api.key()}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bursar.test", headers=headers
    ) as client:
        yield client


@pytest.fixture
def info_logs() -> Iterator[None]:
    """Log lines of level info too, which tests otherwise leave out."""
    usual = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=usual)


@pytest.fixture
def new_thing() -> dict[str, Any]:
    return {"amount": 15000, "currency": "USD"}


@pytest.fixture
async def other(api: Api) -> str:
    """The key of another organization."""
    added = await add_operator(
        api.database, organization="Grace's", name="Grace", email="grace@example.test", actor="test"
    )
    created = await create_key(
        api.database,
        added.organization_id,
        operator_email="grace@example.test",
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    return created.secret
