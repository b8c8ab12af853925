"""Alive is not ready: without its database the API cannot serve, without Temporal it can."""

from dataclasses import replace

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine


async def test_alive_and_ready_need_no_key(api):
    del api.client.headers["Authorization"]
    assert (await api.client.get("/healthz")).json() == {"status": "ok"}
    ready = await api.client.get("/readyz")
    assert (ready.status_code, ready.json()["temporal"]) == (200, "away")


async def test_a_database_that_is_away_means_not_ready(api):
    await api.database.engine.dispose()
    api.database.engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    ready = await api.client.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert (await api.client.get("/v1/things/x")).status_code == 503
    assert (await api.client.get("/healthz")).status_code == 200


async def test_a_connection_that_the_server_ended_is_no_reason_to_be_taken_out_of_service(api):
    assert (await api.client.get("/readyz")).status_code == 200
    owner = await asyncpg.connect(api.owner_url)
    await owner.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await owner.close()
    assert (await api.client.get("/readyz")).status_code == 200


async def test_temporal_is_asked(api, monkeypatch):
    class Answering:
        async def check_health(self) -> bool:
            return True

    class Client:
        service_client = Answering()

    api.app.state.context = replace(api.app.state.context, temporal=Client())
    assert (await api.client.get("/readyz")).json()["temporal"] == "ok"
