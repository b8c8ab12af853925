"""What became of a run: the table for a person, JSON for a program."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from rich.console import Console
from rich.table import Table

from bench.document import table as markdown
from bench.document import told_of
from tests.endurance.memory import FLAT_MB_PER_HOUR, Growth

ALL_WELL = "nothing was lost, and nothing was done twice"


@dataclass(frozen=True)
class Outcome:
    """All figures of a run, and what was wrong: nothing, when all is well."""

    seed: str
    seconds: float
    flows: Mapping[str, int]
    others: Mapping[str, int]
    """Flows that nobody asked for: they began by others, by partners or by the calendar."""
    not_begun: Mapping[str, int]
    acknowledged: int
    repeated: Mapping[str, int]
    request_seconds: Mapping[str, float]
    kills: Mapping[str, int]
    trouble: Mapping[str, int]
    failed_steps: Mapping[str, int]
    resolved_by_persons: Mapping[str, int]
    runs: Mapping[str, int]
    workflows: Mapping[str, int]
    cases: Mapping[str, int]
    memory: Sequence[Growth]
    rest_seconds: float
    problems: Sequence[str]

    @property
    def begun(self) -> int:
        """Flows that the API acknowledged."""
        return sum(self.flows.values())


def latency(seconds: Sequence[float]) -> dict[str, float]:
    """Of the POSTs, from the first try to the answer, outages included."""
    if len(seconds) < 2:
        return {}
    cuts = quantiles(seconds, n=100)
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "longest": round(max(seconds), 3)}


def show(outcome: Outcome, console: Console) -> None:
    """Print it."""
    table = Table(title=f"endurance, TEST_SEED={outcome.seed}", title_justify="left", show_header=False)
    table.add_column("")
    table.add_column("")
    for row in rows(outcome):
        table.add_row(*row)
    console.print(table)
    for problem in outcome.problems:
        console.print(f"WRONG: {problem}", markup=False, highlight=False)
    if not outcome.problems:
        console.print(ALL_WELL)


def part_of(outcome: Outcome, where: Mapping[str, object]) -> list[str]:
    """The same for docs/benchmarks.md."""
    wrong = [f"- WRONG: {problem}" for problem in outcome.problems] or [f"{ALL_WELL[:1].upper()}{ALL_WELL[1:]}."]
    title = f"### Endurance, TEST_SEED={outcome.seed}"
    return [title, "", told_of(where), "", *markdown([("", ""), *rows(outcome)]), "", *wrong, ""]


def rows(outcome: Outcome) -> list[tuple[str, str]]:
    """What is told of a run, a name and a text each."""
    rate = outcome.begun / outcome.seconds if outcome.seconds else 0
    told = [
        ("flows", f"{outcome.begun} in {outcome.seconds:.0f} s of load ({rate:.1f} a second)"),
        ("", _listed(outcome.flows)),
        ("by themselves", f"{sum(outcome.others.values())}: {_listed(outcome.others)}"),
        ("not begun", _listed(outcome.not_begun)),
        ("requests", f"{outcome.acknowledged} acknowledged; sent again: {_listed(outcome.repeated)}"),
        ("POST, seconds", _listed(outcome.request_seconds)),
        ("kill -9", f"{sum(outcome.kills.values())}: {_listed(outcome.kills)}"),
        ("trouble", _listed(outcome.trouble)),
        ("steps done again", _listed(outcome.failed_steps)),
        ("by two persons", _listed(outcome.resolved_by_persons)),
        ("open cases", _listed(outcome.cases)),
        ("runs", _listed(outcome.runs)),
        ("", _listed(outcome.workflows)),
        ("to rest", f"{outcome.rest_seconds:.0f} s after the load, help and proofs included"),
    ]
    told += [(f"memory of {grown.part}", _of_memory(grown)) for grown in outcome.memory]
    return told


def store(outcome: Outcome, machine: Mapping[str, object], folder: Path) -> Path:
    """Write everything as JSON, one file per run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{str(machine['date']).replace(':', '')}.json"
    path.write_text(json.dumps({"machine": machine, **asdict(outcome)}, indent=2) + "\n", encoding="utf-8")
    return path


def _listed(counted: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counted.items()) or "none"


def _of_memory(grown: Growth) -> str:
    quarters = ", ".join(f"{held:.0f}" for held in grown.quarters)
    held = (
        f"{quarters} MB at the beginning, each quarter and the end of its longest life of {grown.lived_seconds:.0f} s"
    )
    if grown.slope_mb_per_hour is None:
        return f"{held}; too brief for a slope"
    first, last = grown.waiting
    lows = ", ".join(f"{held:.0f}" for held in grown.lows)
    slope = (
        f"least of each quarter of its last {grown.warm_seconds:.0f} s {lows}: {grown.slope_mb_per_hour:+.1f} MB/h,"
        f" {first} to {last} runs open"
    )
    flat = {None: "too brief for the goal", True: "met", False: "NOT met"}[grown.is_flat]
    return f"{held}; {slope}; goal at most {FLAT_MB_PER_HOUR:+.0f} MB/h once caches are full: {flat}"
