"""A funded town per story, and its operators' command line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import uvicorn
from typer.testing import CliRunner

from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from cli.main import app
from domain.tls import trusted
from settings import Settings
from tests.flows.childcare.town import Town
from tests.system import System

Bursar = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Evidence is read twice within a second."""
    return settings.model_copy(update={"chek": settings.chek.model_copy(update={"readings_apart_seconds": 0.4})})


@pytest.fixture
async def town(system: System) -> AsyncIterator[Town]:
    """The programme has 10,000.00 at Chek and in the books."""
    headers = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}
    base = f"{system.sandbox.addresses['chek']}/api/v1/account/1/"
    async with httpx.AsyncClient(base_url=base, headers=headers, verify=trusted()) as chek:
        founded = Town(system, chek)
        await founded.found()
        yield founded


@pytest.fixture
async def bursar(town: Town, tmp_path: Path) -> AsyncIterator[Bursar]:
    """Run a command as an operator does; the exit code and what was printed."""
    house = town.system.house
    context = ApiContext(
        settings=town.system.settings,
        database=house.database,
        temporal=house.temporal,
        after_commit=house.outbox.deliver,
        flows=house.flows,
        settler=house.settler,
    )
    config = uvicorn.Config(create_app(context, ROUTERS), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.01)
    key_file = tmp_path / "key"
    key_file.write_text(town.system.api.headers["Authorization"].removeprefix("Bearer "))
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    async def run(command: str, *arguments: str) -> tuple[int, str]:
        given = ["childcare", command, "--key-file", str(key_file), "--url", url, *arguments]
        result = await asyncio.to_thread(CliRunner().invoke, app, given)
        # a refusal is one line, which `main` prints
        return result.exit_code, result.output + (str(result.exception) if result.exit_code else "")

    yield run
    server.should_exit = True
    await serving
