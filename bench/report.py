"""The table for a person and the file for a program."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.answer import Answer, Goal, Range, Row

FOLDER = Path(".bursar/bench")
HEADINGS = ("p50 ms", "p99 ms", "ratio", "cpu ratio", "server µs", "client µs")


def show(answer: Answer, console: Console) -> None:
    """Print one question's rows, notes and goals."""
    table = Table(title=answer.question, title_justify="left")
    table.add_column("")
    table.add_column("setting")
    for heading in (f"{answer.unit}/s", *HEADINGS):
        table.add_column(heading, justify="right")
    for row in answer.rows:
        table.add_row(*cells(row))
    console.print(table)
    for goal in answer.goals:
        console.print(told(goal))
    for note in answer.notes:
        console.print(note, style="dim")


def store(machine: dict[str, object], answers: Sequence[Answer]) -> Path:
    """Write everything as JSON, one file per run."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{str(machine['date']).replace(':', '')}.json"
    whole: dict[str, Any] = {"machine": machine, "answers": [asdict(answer) for answer in answers]}
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return path


def cells(row: Row) -> list[str]:
    """One row of the table: contender, setting, rate, and the HEADINGS."""
    rate = row.note if row.per_second is None else _text(row.per_second, 1 if row.per_second < 100 else 0)
    apart = _range(row.ratio, row.ratio_range)
    ratio = _text(row.ratio) + (f" ({apart})" if apart else "")
    rest = [_text(row.p50_ms), _text(row.p99_ms), ratio, _text(row.processor_ratio)]
    return [row.contender, row.setting, rate, *rest, _text(row.server_us, 0), _text(row.client_us, 0)]


def told(goal: Goal) -> str:
    """What was aimed at and what came out."""
    word = {True: "met", False: "NOT MET", None: "not measured"}[goal.met]
    bound = f"{'at most' if goal.at_most else 'at least'} {goal.wanted:g}"
    said = "; ".join(part for part in (_range(goal.found, goal.range), bound) if part)
    return f"{word}: {goal.what}: {_text(goal.found) or '-'} ({said})"


def _range(value: float | None, apart: Range | None) -> str:
    """Empty where all rounds read the same."""
    if apart is None:
        return ""
    least, most = (_text(end) for end in apart)
    return "" if least == most == _text(value) else f"{least}-{most}"


def _text(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
