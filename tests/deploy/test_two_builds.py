"""Workers of two releases side by side on the real server: each flow stays with its own, the lasting one moves on."""

from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode
from typer.testing import CliRunner

from activities.builds import Build, builds, make_current
from activities.house import open_house
from cli.builds import app
from domain.errors import StateConflict
from domain.ids import new_id
from sandbox.runner import SandboxRunner
from settings import Settings
from tests.endurance.scenery import chek_client
from tests.environment import environment_of
from tests.faults.world import changed
from tests.flows.ach import debited
from tests.flows.ach_authorizations.payers import Payers
from tests.flows.ach_operations import entry
from tests.flows.childcare.pay_run import PAYOUT, ended, pairs_of, populate, start
from tests.flows.childcare.town import Town
from tests.system import System, open_system
from worker import build_worker

OLD, NEW = "2026.11.1", "2026.11.2"


@pytest.fixture
def deployment(settings: Settings) -> str:
    """A name of the test's own: the server is everybody's."""
    return settings.temporal.task_queue


async def promote(system: System, deployment: str, build: str) -> None:
    """Once its workers are seen to poll."""

    async def try_it() -> bool:
        try:
            await make_current(system.house.temporal, deployment, build)
        except StateConflict:
            return False
        return True

    await system.eventually(try_it)


async def built_by(system: System, made: dict[str, Any], wanted: str = "") -> str:
    """The build whose workers carry a run on, once one of them has taken it, or the wanted one."""
    run = made["links"]["run"].rsplit("/", 1)[1].replace("%2F", "/")

    async def build() -> str:
        try:
            described = await system.house.temporal.get_workflow_handle(run).describe()
        except RPCError as error:  # accepted, and a moment later begun
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return ""
        info = described.raw_description.workflow_execution_info
        return str(info.versioning_info.deployment_version.build_id)

    return str(await system.eventually(build, lambda seen: seen == (wanted or seen) != ""))


async def test_a_flow_ends_on_the_build_that_it_began_on(
    settings: Settings, sandbox: SandboxRunner, deployment: str
) -> None:
    old, new = (changed(settings, worker={"build_id": build, "deployment": deployment}) for build in (OLD, NEW))
    async with open_system(old, sandbox) as system:
        client = system.house.temporal
        with pytest.raises(StateConflict):
            await make_current(client, deployment, NEW)
        await promote(system, deployment, OLD)
        payers = Payers(system)
        await payers.begin()
        account = payers.account
        first = await debited(system, account["id"])
        lasting = await payers.authorized(in_days=40)
        assert [await built_by(system, flow) for flow in (first, lasting)] == [OLD, OLD]

        async with open_house(new, for_worker=True) as house, build_worker(house):
            second = await debited(system, account["id"])
            assert await built_by(system, second) == OLD  # it is there, and takes nothing yet
            await promote(system, deployment, NEW)
            assert [build for build in await builds(client, deployment) if build.current] == [
                Build(NEW, True, "takes new runs")
            ]
            third = await debited(system, account["id"])
            await system.advance_clock(days=5)
            for debit in (first, second, third):
                await entry(system, "ach-debits", debit, "settled")
            assert [await built_by(system, debit) for debit in (first, second, third)] == [OLD, OLD, NEW]
            assert await built_by(system, lasting, NEW)  # it may last for years

            await promote(system, deployment, OLD)
            assert await built_by(system, await debited(system, account["id"])) == OLD
            await system.advance_clock(days=1)
            assert await built_by(system, lasting, OLD)  # whatever the new one did for it


async def test_what_a_run_begins_belongs_to_its_build(
    settings: Settings, sandbox: SandboxRunner, deployment: str
) -> None:
    old, new = (changed(settings, worker={"build_id": build, "deployment": deployment}) for build in (OLD, NEW))
    async with open_system(old, sandbox) as system, chek_client(system) as chek:
        await promote(system, deployment, OLD)
        town = Town(system, chek)
        await town.found()
        await populate(town, 2)
        held = await town.fault(PAYOUT, "pause_before")
        run = await start(town, width=1)
        await system.eventually(lambda: town.waiting(held))
        async with open_house(new, for_worker=True) as house, build_worker(house):
            await promote(system, deployment, NEW)
            await system.control.post(f"/faults/{held}/release")
            assert pairs_of(await ended(town, run, "finished")) == {"paid": 2}
            payments = (await system.get("/v1/provider-payments"))["data"]
            assert [await built_by(system, one) for one in (run, *payments)] == [OLD, OLD, OLD]


def test_the_command_names_the_builds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BURSAR_WORKER__DEPLOYMENT", f"none-{new_id().hex}")
    listed = CliRunner().invoke(app, ["list"])
    assert listed.exit_code == 0, listed.output
    refused = CliRunner().invoke(app, ["promote", "never-deployed"])
    assert isinstance(refused.exception, StateConflict)


async def test_flows_that_began_before_builds_had_names_go_on_with_the_first_that_has_one(
    settings: Settings, sandbox: SandboxRunner, deployment: str
) -> None:
    new = changed(settings, worker={"build_id": NEW, "deployment": deployment})
    async with open_system(settings, sandbox) as system:
        payers = Payers(system)
        await payers.begin()
        first = await debited(system, payers.account["id"])
        async with open_house(new, for_worker=True) as house, build_worker(house):
            await promote(system, deployment, NEW)
            second = await debited(system, payers.account["id"])
            await system.advance_clock(days=5)
            for debit in (first, second):
                await entry(system, "ach-debits", debit, "settled")
            assert [await built_by(system, debit) for debit in (first, second)] == [NEW, NEW]
