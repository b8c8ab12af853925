"""`python -m bench [question ...]`: measure, print, and keep the figures."""

from collections.abc import Sequence
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from bench.answer import Answer
from bench.document import part_of, write
from bench.machine import load, machine
from bench.plan import Plan
from bench.questions import QUESTIONS, WHEN_ASKED
from bench.report import show, store
from logs import configure_logs


def main(
    questions: Annotated[
        list[str] | None, typer.Argument(help=f"which of: {', '.join(QUESTIONS)}; all but the last")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="samples of each contender, in turn")] = 5,
    seconds: Annotated[float, typer.Option(min=0.2, help="length of one sample")] = 1.0,
    callers: Annotated[str, typer.Option(help="how many at once")] = "1,8,32",
    flows: Annotated[int, typer.Option(min=1, help="flows in one sample of whole flows")] = 48,
    items: Annotated[int, typer.Option(min=8, help="payments of the longer pay run")] = 1000,
    docs: Annotated[bool, typer.Option("--docs", help="write the tables into docs/benchmarks.md")] = False,
    grown: Annotated[int, typer.Option(min=20_000, help="ledger transactions of the grown database")] = 100_000,
) -> None:
    """How near each part is to its limit, each question with its baseline in the same run."""
    configure_logs("warning")
    asked = questions or [name for name in QUESTIONS if name not in WHEN_ASKED]
    unknown = [name for name in asked if name not in QUESTIONS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(QUESTIONS)}")
    plan = Plan(seconds, rounds, tuple(int(part) for part in callers.split(",")), flows, items, grown)
    console = Console(width=150) if not Console().is_terminal else Console()
    where = machine()
    console.print(f"{where['processor']}, {where['cores']} cores; load {where['load_before']}")
    answers: list[Answer] = []
    for name in asked:
        measured: Sequence[Answer] = uvloop.run(QUESTIONS[name](plan))
        answers += measured
        where["load_after"] = load()
        stored = store(where, answers)  # after each: what was measured stands, whatever becomes of the rest
        for answer in measured:
            show(answer, console)
            if docs:
                write(answer.question, part_of(answer, where))
        console.print(f"stored in {stored}")


if __name__ == "__main__":
    typer.run(main)
