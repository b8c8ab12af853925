"""A funded town per story, and its operators' command line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.tls import trusted
from settings import Settings
from tests.flows.childcare.town import Town
from tests.serving import serving
from tests.system import System, api_of

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
    key_file = tmp_path / "key"
    key_file.write_text(town.system.api.headers["Authorization"].removeprefix("Bearer "))

    async def run(command: str, *arguments: str) -> tuple[int, str]:
        given = ["childcare", command, "--key-file", str(key_file), "--url", url, *arguments]
        result = await asyncio.to_thread(CliRunner().invoke, app, given)
        # a refusal is one line, which `main` prints
        return result.exit_code, result.output + (str(result.exception) if result.exit_code else "")

    async with serving(api_of(town.system.house, town.system.settings)) as url:
        yield run
