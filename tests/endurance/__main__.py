"""`python -m tests.endurance --minutes 30`: the long form. Exit code 1 when anything was lost, or done twice."""

import asyncio
import os
import random
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.document import write
from bench.machine import load, machine
from tests.endurance.report import part_of, show, store
from tests.endurance.run import Extent, run

FOLDER = Path(".bursar/endurance")
FLOWS_A_MINUTE = 5_000 / 30


def main(
    minutes: Annotated[float, typer.Option(min=0.1, help="of load; coming to rest takes some more")] = 30,
    flows: Annotated[
        int | None, typer.Option(min=0, help="begun at least, however long it takes; else 5,000 in half an hour")
    ] = None,
    callers: Annotated[int, typer.Option(min=1, help="that begin flows side by side")] = 12,
    pause: Annotated[float, typer.Option(min=0, help="mean pause of a caller between two flows, seconds")] = 0.5,
    calm: Annotated[float, typer.Option(min=1, help="mean pause between two kills, seconds")] = 17,
    docs: Annotated[bool, typer.Option("--docs", help="write the table into docs/benchmarks.md")] = False,
) -> None:
    """A mixed load of all flows while everything is killed at random. TEST_SEED plays the same decisions again."""
    seed = os.environ.get("TEST_SEED") or str(random.SystemRandom().randrange(1_000_000))
    console = Console(width=150) if not Console().is_terminal else Console()
    where = machine()
    say = console.out
    say(f"TEST_SEED={seed}; {where['processor']}, {where['cores']} cores; load {where['load_before']}")
    wanted = int(minutes * FLOWS_A_MINUTE) if flows is None else flows
    extent = Extent(minutes * 60, callers, pause, calm, workers=2, families=max(3, int(minutes / 2)), flows=wanted)
    folder = Path(tempfile.mkdtemp(prefix="bursar-endurance-"))
    say(f"logs of all parts: {folder}")
    outcome = asyncio.run(run(folder, seed, extent, say))
    show(outcome, console)
    where["load_after"] = load()
    say(f"stored in {store(outcome, where, FOLDER)}")
    if docs:
        write("endurance", part_of(outcome, where))
    if outcome.problems:
        raise typer.Exit(1)


if __name__ == "__main__":
    program = typer.Typer(pretty_exceptions_enable=False)
    program.command()(main)
    program()
