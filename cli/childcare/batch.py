"""Doing one thing after another with a progress bar: what is refused is said at the end and holds up nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from cli.api import RefusedError

WIDE = 240


@dataclass
class Tally:
    """What the API took of a batch, and what it refused."""

    asked: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def progress_bar(console: Console) -> Progress:
    """A bar with counts, for a terminal; silent where there is none."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def do_each(
    console: Console, what: str, items: Sequence[Any], name: Callable[[Any], str], deed: Callable[[Any], object]
) -> Tally:
    """Ask for it for each item; prints what was refused and why.

    Asked means that the API has recorded it and goes on with it: what becomes of it is seen later.
    """
    tally = Tally()
    with progress_bar(console) as progress:
        task = progress.add_task(what, total=len(items))
        for item in items:
            try:
                deed(item)
                tally.asked += 1
            except RefusedError as refusal:
                tally.refused.append((name(item), str(refusal)))
            progress.advance(task)
    for named, why in tally.refused:
        console.print(f"refused {named}: {why}", markup=False, highlight=False)
    console.print(f"{what}: {tally.asked} asked, {len(tally.refused)} refused", highlight=False)
    return tally


def show(console: Console, what: str, rows: Sequence[tuple[str, ...]], *columns: str) -> None:
    """A dry run: what would be done."""
    # not the table's own title, which is broken where the table is narrow
    console.print(f"{what}: {len(rows)} (dry run, nothing was done)", highlight=False)
    table = Table(*(Column(name, overflow="fold") for name in columns), box=None)
    for row in rows:
        table.add_row(*row)
    # ids are there to be copied: never cut, and in a file or a pipe not broken either
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def dollars(cents: int) -> str:
    """Cents as people write them."""
    return f"{cents // 100:,}.{cents % 100:02d}"
