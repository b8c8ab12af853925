"""What was measured last, as docs/benchmarks.md shows it: written by the program, one part per question."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.answer import Answer
from bench.report import HEADINGS, cells, told

DOCUMENT = Path("docs/benchmarks.md")
PLACE = "<!-- measured: the parts above are written by the programs -->"
"""New parts come before it."""


def write(name: str, lines: Sequence[str], document: Path = DOCUMENT) -> None:
    """Replace the part of this name, or add it. Raises ValueError where the document has no place for it."""
    begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
    part = "\n".join([begin, *lines, end])
    text = document.read_text(encoding="utf-8")
    if begin in text:
        text = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: part, text, flags=re.DOTALL)
    elif PLACE in text:
        text = text.replace(PLACE, f"{part}\n\n{PLACE}")
    else:
        raise ValueError(f"{document} has no line {PLACE}")
    document.write_text(text, encoding="utf-8")


def part_of(answer: Answer, where: Mapping[str, object]) -> list[str]:
    """One question: where it was measured, its table, its goals, its notes."""
    lines = [f"### {answer.question[:1].upper()}{answer.question[1:]}", "", told_of(where), ""]
    lines += table([("", "setting", f"{answer.unit}/s", *HEADINGS), *(cells(row) for row in answer.rows)])
    if answer.goals:
        lines += ["", *(f"- {told(goal)}" for goal in answer.goals)]
    return [*lines, "", *(f"- {note}" for note in answer.notes), ""]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Markdown, the first row its heading."""
    written = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return [written[0], "|" + "---|" * len(rows[0]), *written[1:]]


def told_of(where: Mapping[str, object]) -> str:
    """Machine, date, versions and how busy it was, in a sentence."""
    packages = where["packages"]
    versions = ", ".join(f"{name} {number}" for name, number in packages.items()) if isinstance(packages, dict) else ""
    return (
        f"{where['date']}, commit {where['commit']}; {where['processor']}, {where['cores']} cores,"
        f" {where['memory_gb']} GB; Python {where['python']}, {versions};"
        f" load {where['load_before']} before, {where.get('load_after')} after."
    )
