"""Record histories anew: `python -m tests.replay.record [story …]`; without a name, all of them.

It starts the real parts and plays each story in a system of its own. Payloads are sealed with the key that lies beside
the histories; what names this machine is replaced.
"""

import asyncio
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle, WorkflowHistory

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.conftest import fresh_database, make_template, system_settings
from tests.faults.world import changed
from tests.opening import fresh_sandbox
from tests.replay import stored
from tests.replay.payloads import without_origin
from tests.replay.stories import STORIES, Story

QUIET_SECONDS = 1.0


async def record(story: Story, postgres: EmbeddedPostgres, temporal: EmbeddedTemporal) -> list[str]:
    """Play it and store the histories of its runs, in the order in which they began; returns their names."""
    async with fresh_database(postgres) as database, fresh_sandbox() as sandbox:
        settings = system_settings(postgres, temporal.address, database, sandbox)
        settings = changed(settings, keyring={"keys": stored.keyring().to_json()}, **story.changes)
        async with story.scene(settings, sandbox) as (system, cast):
            await story.play(cast)
            runs = await _runs(system.house.temporal, settings.temporal.task_queue, story.keeps)
            histories = [(workflow, await _at_rest(run)) for workflow, run in runs]
    missing = {*story.keeps} - {workflow for workflow, _ in histories}
    assert not missing, f"{story.name} has no run of {missing}"
    _forget(lambda name: stored.story_of(name) == story.name)
    written: list[str] = []
    for workflow, history in histories:
        number = sum(name.startswith(f"{workflow}/") for name in written) + 1
        name = f"{workflow}/{story.name}" + (f".{number}" if number > 1 else "")
        stored.write(name, await without_origin(history.to_json()))
        written.append(name)
    return written


async def _runs(
    client: Client, task_queue: str, workflows: tuple[str, ...]
) -> list[tuple[str, WorkflowHandle[object, object]]]:
    """Every run of these types, one after a termination or under a fresh history included, oldest first."""
    await asyncio.sleep(QUIET_SECONDS)  # the list lags a little behind
    found = [run async for run in client.list_workflows(f"TaskQueue = '{task_queue}'")]
    found.sort(key=lambda run: run.start_time)
    return [
        (run.workflow_type, client.get_workflow_handle(run.id, run_id=run.run_id))
        for run in found
        if run.workflow_type in workflows
    ]


async def _at_rest(run: WorkflowHandle[object, object]) -> WorkflowHistory:
    """Its history once nothing is added any more: the run has ended, or waits."""
    length = -1
    while (description := await run.describe()).history_length != length and _is_open(description):
        length = description.history_length
        await asyncio.sleep(QUIET_SECONDS)
    return await run.fetch_history()


def _is_open(description: WorkflowExecutionDescription) -> bool:
    return description.close_time is None


def _forget(which: Callable[[str], bool]) -> None:
    for name in stored.names():
        if which(name):
            stored.forget(name)


async def _record(stories: list[Story], postgres: EmbeddedPostgres, folder: Path, stack: AsyncExitStack) -> list[str]:
    """All of them; returns the names of those that failed, whose earlier histories stay."""
    servers: dict[str, EmbeddedTemporal] = {}

    def server(dynamic: Mapping[str, str]) -> EmbeddedTemporal:
        key = repr(dynamic)
        if key not in servers:
            place = folder / f"temporal-{len(servers)}"
            begun = EmbeddedTemporal(place, in_memory=True, headless=True, dynamic_config=dynamic)
            servers[key] = stack.enter_context(begun)
        return servers[key]

    failed: list[str] = []
    for story in stories:
        began = time.monotonic()
        try:
            said = ", ".join(await record(story, postgres, server(story.temporal)))
        except Exception as error:  # noqa: BLE001 - one story that fails is named, and holds up no other
            failed.append(story.name)
            place = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{story.name} FAILED at {place.filename}:{place.lineno}: {error!r:.300}"
        print(f"{time.monotonic() - began:6.1f} s  {said}", flush=True)  # noqa: T201
    return failed


async def _main(names: list[str]) -> None:
    unknown = {*names} - {story.name for story in STORIES}
    if unknown:
        raise SystemExit(f"no such story: {', '.join(sorted(unknown))}")
    stories = [story for story in STORIES if story.name in names or not names]
    _forget(lambda name: stored.story_of(name) not in {story.name for story in STORIES})
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            place = Path(folder) / "postgres"
            postgres = stack.enter_context(EmbeddedPostgres(place, settings={"fsync": "off"}))
            await asyncio.to_thread(make_template, postgres)
            failed = await _record(stories, postgres, Path(folder), stack)
    if failed:
        raise SystemExit(f"failed, record them once more: python -m tests.replay.record {' '.join(failed)}")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
