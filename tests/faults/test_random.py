"""Random faults, delays, webhooks, lost commits, commands and kills: whatever happens, each step is done at most once.

The seed is printed. `TEST_SEED=<seed>` draws the same plans again.
"""

import asyncio
from collections.abc import Mapping

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.chance import Scene, draw
from tests.faults.drivers.chek import ChekPayout, ChekWallets
from tests.faults.drivers.column import ColumnBook, ColumnPayout
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.drivers.epx_family import CheckingRefund, CheckingVoid, SavingsDebit, SavingsPayout, SavingsVoid
from tests.faults.turmoil import in_turmoil

DISTURBED: Mapping[str, Scene] = {
    "all_rails": Scene("report_file", (EpxWithReport, ChekPayout, ChekWallets, ColumnPayout, ColumnBook), runs=25),
    "no_report": Scene("none", (EpxWithoutReport,), runs=25),
    "gateway_family": Scene(
        "report_file", (CheckingVoid, SavingsVoid, CheckingRefund, SavingsPayout, SavingsDebit), runs=20
    ),
}
KILLED: Mapping[str, Scene] = {
    "killed_payouts": Scene("report_file", (EpxWithReport, ChekPayout, ColumnPayout), runs=20, kills=5),
    "killed_first_steps": Scene("none", (EpxWithoutReport, ChekWallets, ColumnBook), runs=20, kills=5),
}

PATIENCE_SECONDS = 400
"""Both tests take a minute on an idle machine with two cores."""


@pytest.mark.timeout(PATIENCE_SECONDS)
async def test_whatever_goes_wrong_each_step_is_done_at_most_once(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, seed: str
) -> None:
    await play(migrated, temporal, DISTURBED, seed)


@pytest.mark.timeout(PATIENCE_SECONDS)
async def test_whenever_a_worker_is_killed_each_step_is_done_at_most_once(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, seed: str
) -> None:
    await play(migrated, temporal, KILLED, seed)


def test_a_seed_is_a_plan() -> None:
    for name, scene in {**DISTURBED, **KILLED}.items():
        assert draw(scene, f"7/{name}") == draw(scene, f"7/{name}")
        assert draw(scene, f"7/{name}") != draw(scene, f"8/{name}")
    scenes = {**DISTURBED, **KILLED}
    assert sum(len(draw(scene, name).runs) for name, scene in scenes.items()) >= 100
    blows = [blow.kind for name, scene in KILLED.items() for blow in draw(scene, name).blows]
    assert blows.count("kill") >= 10


async def play(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, scenes: Mapping[str, Scene], seed: str) -> None:
    """All scenes at once, each in a world of its own; what went wrong is told of all of them."""
    async with asyncio.TaskGroup() as group:
        played = [
            group.create_task(in_turmoil(migrated, temporal, scene, f"{seed}/{name}")) for name, scene in scenes.items()
        ]
    wrong = [problem for task in played for problem in task.result()]
    assert not wrong, "\n".join([f"TEST_SEED={seed}", *wrong])
