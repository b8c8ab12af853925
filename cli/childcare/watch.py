"""Watching a pay run until it has ended."""

import time
from typing import Any

from rich.console import Console

from cli.api import Api
from cli.childcare.batch import dollars, progress_bar

LOOK_EVERY_SECONDS = 1.0
FAILED = ("stopped", "refused", "in_doubt", "returned")


def watch(api: Api, console: Console, run_id: str) -> bool:
    """Show the run's progress; at its end say what stands where. False where something failed or was cancelled."""
    with progress_bar(console) as progress:
        task = progress.add_task(run_id, total=None)
        while True:
            run = api.get(f"/v1/pay-runs/{run_id}")
            left = sum(run["progress"].get(name, {"pairs": 0})["pairs"] for name in ("waiting", "paying"))
            total = run["total"]["pairs"]
            progress.update(task, total=total, completed=total - left, description=f"{run_id} {run['state']}")
            if run["state"] in ("finished", "cancelled"):
                break
            time.sleep(LOOK_EVERY_SECONDS)
    console.print(f"{run_id} {run['state']}", highlight=False)
    for standing, share in run["progress"].items():
        console.print(f"  {standing:12} {share['pairs']:6} {dollars(share['amount']):>14}", highlight=False)
    for pair in failed_pairs(api, run_id):
        console.print(f"  {pair['standing']} {pair['provider_id']} {pair['child_id']} {pair['code']}", highlight=False)
    return run["state"] == "finished" and not any(name in run["progress"] for name in FAILED)


def failed_pairs(api: Api, run_id: str) -> list[Any]:
    """The run's pairs that were not paid, each with its code."""
    return [pair for name in FAILED for pair in api.all(f"/v1/pay-runs/{run_id}/pairs", standing=name)]
