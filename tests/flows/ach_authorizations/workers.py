"""Worker processes of a test's own, which it may kill."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from settings import Settings

ROOT = Path(__file__).parents[3]


async def start_worker(settings: Settings) -> Process:
    """A worker with the test's settings, once it says that it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", cwd=ROOT, env=_environment(settings), stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    async for line in process.stdout:
        if b'"ready"' in line:
            return process
    raise AssertionError("the worker ended before it was ready")


def _environment(settings: Settings) -> dict[str, str]:
    rail = {"http_timeout_seconds", "connect_timeout_seconds", "settling_delay_seconds"}
    groups: dict[str, dict[str, object]] = {
        "temporal": settings.temporal.model_dump(include={"address", "task_queue"}),
        "worker": settings.worker.model_dump(include={"outbox_poll_seconds", "seal_seconds"}),
        "money_call": settings.money_call.model_dump(),
        "sandbox": settings.sandbox.model_dump(exclude={"host", "control_url"}),
        "epx": settings.epx.model_dump(include=rail | {"feed_poll_seconds"}),
        "chek": settings.chek.model_dump(include=rail),
        "column": settings.column.model_dump(include=rail),
        "database": {"url": settings.database.url.get_secret_value()},
        "keyring": {"keys": settings.keyring.keys.get_secret_value()},
    }
    knobs = {f"BURSAR_{group}__{name}".upper(): str(v) for group, of in groups.items() for name, v in of.items()}
    return {"BURSAR_MODE": "external", "BURSAR_LOG_LEVEL": "error", **knobs}
