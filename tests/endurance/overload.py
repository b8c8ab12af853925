"""`python -m tests.endurance.overload`: the real API process under three times what it can serve."""

import asyncio
import json
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bench.document import table, told_of, write
from bench.machine import load, machine
from tests.endurance.asking import by_socket
from tests.endurance.patient import Diary
from tests.endurance.pressure import Pressure, press
from tests.endurance.run import open_world
from tests.endurance.servers import Servers
from tests.flows.ach import merchant, stored_account
from tests.system import System

FOLDER = Path(".bursar/endurance")
PLENTY = 1_000_000_000
DONE_SECONDS = 600.0


def main(
    seconds: Annotated[float, typer.Option(min=1, help="of each of the two loads")] = 20,
    callers: Annotated[int, typer.Option(min=1, help="side by side when measuring what can be sustained")] = 16,
    docs: Annotated[bool, typer.Option("--docs", help="write the table into docs/benchmarks.md")] = False,
) -> None:
    """Measure, overload, look how soon it is itself again, and that all accepted debits are done."""
    where = machine()
    pressed, done_after = asyncio.run(_run(Path(tempfile.mkdtemp(prefix="bursar-overload-")), callers, seconds))
    where["load_after"] = load()
    rows = _rows(pressed, callers, seconds, done_after)
    for name, text in rows:
        typer.echo(f"{name}: {text}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    stored = FOLDER / f"{str(where['date']).replace(':', '')}-overload.json"
    told = asdict(pressed) | {"accepted": len(pressed.accepted), "all_done_after": done_after}
    stored.write_text(json.dumps({"machine": where, **told}, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"stored in {stored}")
    if docs:
        write("overload", [told_of(where), "", *table([("", ""), *rows]), ""])


def _rows(pressed: Pressure, callers: int, seconds: float, done_after: float) -> list[tuple[str, str]]:
    answers = ", ".join(f"{status}: {times}" for status, times in pressed.answers.items())
    offered = f"{pressed.offered}/s ({pressed.offered / pressed.sustainable:.1f} times)"
    return [
        ("can be sustained", f"{pressed.sustainable}/s, by {callers} callers in a closed loop, for {seconds:.0f} s"),
        ("offered then", f"{offered}, for {seconds:.0f} s, whether or not earlier ones were answered"),
        ("answers", f"{answers}; refusals without Retry-After: {pressed.without_retry_after}"),
        ("one request before", f"{1000 * pressed.idle_seconds:.0f} ms"),
        ("median of those accepted", f"{1000 * pressed.accepted_seconds:.0f} ms"),
        ("median of those refused", f"{1000 * pressed.refused_seconds:.0f} ms"),
        ("as quick as before again", f"{pressed.recovered_after} s after the last request was sent"),
        ("all accepted ones at the gateway", f"{done_after} s after that"),
    ]


async def _run(folder: Path, callers: int, seconds: float) -> tuple[Pressure, float]:
    async with Servers(folder, workers=1) as servers, open_world(servers, Diary(), patient=False) as world:
        account = await prepared(world.system)
        pressed = await press(by_socket(world.system, account), callers=callers, seconds=seconds)
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
