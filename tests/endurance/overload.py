"""`python -m tests.endurance.overload`: the real API process under three times what it can serve."""

import asyncio
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench.machine import machine
from tests.endurance.patient import Diary
from tests.endurance.pressure import Pressure, press
from tests.endurance.run import open_world
from tests.endurance.servers import Servers
from tests.flows.ach import merchant, stored_account
from tests.system import System

PLENTY = 1_000_000_000
DONE_SECONDS = 600.0


def main(
    seconds: Annotated[float, typer.Option(min=1, help="of each of the two loads")] = 20,
    callers: Annotated[int, typer.Option(min=1, help="side by side when measuring what can be sustained")] = 16,
) -> None:
    """Measure, overload, look how soon it is itself again, and that all accepted debits are done."""
    where = machine()
    pressed, done_after = asyncio.run(_run(Path(tempfile.mkdtemp(prefix="bursar-overload-")), callers, seconds))
    told: dict[str, Any] = asdict(pressed) | {"accepted": len(pressed.accepted), "all_done_after": done_after}
    Console().print({**where, **told})


async def _run(folder: Path, callers: int, seconds: float) -> tuple[Pressure, float]:
    async with Servers(folder, workers=1) as servers, open_world(servers, Diary(), patient=False) as world:
        account = await prepared(world.system)
        pressed = await press(world.system, account, callers=callers, seconds=seconds)
        began = asyncio.get_running_loop().time()
        await all_done(world.system, pressed, seconds=DONE_SECONDS)
        return pressed, round(asyncio.get_running_loop().time() - began, 1)


async def prepared(system: System) -> str:
    """An account that may be debited without end."""
    owner = await merchant(system, per_transaction_limit=PLENTY, per_day_limit=PLENTY)
    return str((await stored_account(system, owner))["id"])


async def all_done(system: System, pressed: Pressure, *, seconds: float) -> None:
    """Until the gateway has each accepted debit. Raises AssertionError."""
    for path in pressed.accepted:
        await system.eventually(
            partial(system.get, path), lambda seen: seen["ach_state"] in ("accepted", "originated"), seconds=seconds
        )


if __name__ == "__main__":
    program = typer.Typer(pretty_exceptions_enable=False)
    program.command()(main)
    program()
