"""A command from the Temporal web UI takes effect once, however often Temporal repeats the activity that carries it."""

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import pytest
from temporalio.testing import ActivityEnvironment

from activities.flow_command import CASE_IS_OPEN, FlowCommands
from contracts.flow import Ask, CommandAnswer, FlowCommand
from db.engine import Database
from db.flows.base import FlowSteps
from db.queries import audit
from db.unit_of_work import UnitOfWork
from domain.errors import StateConflict
from domain.ids import new_id
from services.operators import add_operator

REFUSED = CommandAnswer(accepted=False, code="already_cancelled", message="It was cancelled before.")


class Cancelled:
    """A flow that can be cancelled once; its row is an advisory lock and an event."""

    flow = "thing"
    commands = frozenset({"cancel"})

    def __init__(self) -> None:
        self.pause = asyncio.Event()
        self.pause.set()

    async def lock(self, uow: UnitOfWork, _flow_id: UUID) -> Mapping[str, Any]:
        await uow.bare.execute("select pg_advisory_xact_lock(71)")
        return {}

    async def command(self, uow: UnitOfWork, _row: Any, _name: str, _arguments: Any) -> None:
        if await uow.bare.fetchval("select count(*) from outgoing_event"):
            raise StateConflict(str(REFUSED.code), str(REFUSED.message))
        await uow.tell("thing.cancelled", "thing", "1")
        await uow.write_trail()
        await self.pause.wait()


@pytest.fixture
async def asked(database: Database) -> FlowCommand:
    added = await add_operator(database, organization="Askers", name="Ada", email="ada@example.test", actor="test")
    return FlowCommand(
        organization_id=added.organization_id,
        flow="thing",
        flow_id=new_id(),
        name="cancel",
        ask=Ask(reason="not wanted"),
        came_by="signal",
    )


@pytest.fixture
def flow() -> Cancelled:
    return Cancelled()


class Asker:
    """Runs the activity as attempts of this or that activity of one run."""

    def __init__(self, database: Database, flow: Cancelled) -> None:
        self._commands = FlowCommands(database, {"thing": cast("FlowSteps", flow)})

    async def ask(self, what: FlowCommand, activity_id: str = "5") -> CommandAnswer:
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, activity_id=activity_id)
        answer: CommandAnswer = await environment.run(self._commands.command, what)
        return answer


async def written(database: Database, asked: FlowCommand) -> list[str]:
    async with database.unit_of_work(asked.organization_id, actor="test") as uow:
        rows = await uow.bare.fetch(
            "select action from audit.entry where subject_id = $1 order by id", str(asked.flow_id)
        )
    return [row["action"] for row in rows]


async def test_a_repeat_finds_what_the_first_one_did(database: Database, flow: Cancelled, asked: FlowCommand) -> None:
    asker = Asker(database, flow)
    assert [await asker.ask(asked) for _ in range(3)] == [CommandAnswer(accepted=True)] * 3
    assert await written(database, asked) == ["flow.cancel_asked"]
    # another ask is another activity: it is refused, and a repeat of it hears the same
    assert [await asker.ask(asked, "6") for _ in range(2)] == [REFUSED] * 2
    assert await asker.ask(asked) == CommandAnswer(accepted=True)
    assert await written(database, asked) == ["flow.cancel_asked", "flow.cancel_refused"]


async def test_a_proposal_is_put_before_an_operator_once(
    database: Database, flow: Cancelled, asked: FlowCommand
) -> None:
    asker, reverse = Asker(database, flow), asked.model_copy(update={"name": "reverse"})
    opened = CommandAnswer(accepted=True, message=CASE_IS_OPEN)
    assert [await asker.ask(reverse) for _ in range(2)] == [opened] * 2
    assert await written(database, asked) == ["flow.reverse_asked", "case.opened"]


async def test_a_repeat_waits_for_a_first_one_that_has_not_ended(
    database: Database, flow: Cancelled, asked: FlowCommand
) -> None:
    asker = Asker(database, flow)
    flow.pause.clear()
    first = asyncio.create_task(asker.ask(asked))
    second = asyncio.create_task(asker.ask(asked))
    await asyncio.sleep(0.5)
    flow.pause.set()
    assert await first == await second == CommandAnswer(accepted=True)
    assert await written(database, asked) == ["flow.cancel_asked"]


async def test_what_was_asked_is_found_by_its_request_alone(
    database: Database, flow: Cancelled, asked: FlowCommand
) -> None:
    await Asker(database, flow).ask(asked)
    info = ActivityEnvironment().info
    request_id = f"run/{info.workflow_run_id}/activity/5"
    async with database.unit_of_work(asked.organization_id, actor="test") as uow:
        found = await audit.of_request(uow, "thing", asked.flow_id, request_id)
        assert found == {"flow.cancel_asked": {"reason": "not wanted", "verified": False}}
        assert await audit.of_request(uow, "thing", asked.flow_id, request_id + "1") == {}
