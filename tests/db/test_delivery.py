"""Who starts a run after the commit: the request that asked for it at once, a worker's loop what is left of that."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import func, select
from temporalio.client import Client

from activities.workflow_outbox import CLAIM_SECONDS, WorkflowOutbox
from db.engine import Database
from db.tables.event import outgoing_event, workflow_outbox
from db.unit_of_work import DELIVERY_SECONDS
from db.workflow_run import OutboxRow, WorkflowRun
from services.operators import add_operator

RUN = WorkflowRun(
    "Nothing", "nothing/1", "nothing/1/again", {"id": "1"}, {"PaymentState": "created"}, "Nothing", "/v1/1"
)


class Started(WorkflowOutbox):
    """Writes down what it was to deliver, and delivers nothing."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, cast("Client", None), task_queue="", public_url="")
        self.rows: list[OutboxRow] = []

    async def deliver(self, rows: Sequence[OutboxRow]) -> None:
        self.rows.extend(rows)


@pytest.mark.parametrize("delivers", [True, False])
async def test_a_row_is_left_alone_while_its_request_may_deliver_it(database, delivers):
    added = await add_operator(database, organization="Ada's", name="Ada", email="ada@example.test", actor="test")
    async with database.unit_of_work(added.organization_id, actor="test", delivers=delivers) as uow:
        await uow.start_workflow(RUN)
        told = list(uow.outbox)
    loop = Started(database)
    await loop.deliver_due()
    assert (len(told), len(loop.rows)) == ((1, 0) if delivers else (0, 1))

    async with database.across_organizations(actor="test") as uow:
        await (await uow.driver()).execute(
            "update workflow_outbox set next_attempt_at = next_attempt_at - make_interval(secs => $1)",
            DELIVERY_SECONDS if delivers else 0,
        )
    await loop.deliver_due()
    [row] = loop.rows
    for given in told:
        assert given == {name: row[name] for name in given}, "what the request delivers is what stands"


async def test_a_row_that_was_tried_often_is_tried_again_as_soon_as_one_that_was_tried_once(database):
    added = await add_operator(database, organization="Ada's", name="Ada", email="ada@example.test", actor="test")
    async with database.unit_of_work(added.organization_id, actor="test") as uow:
        await uow.start_workflow(RUN)
    async with database.across_organizations(actor="test") as uow:
        await (await uow.driver()).execute("update workflow_outbox set attempts = 40")
    loop = Started(database)
    assert await loop.deliver_due() == 1
    async with database.across_organizations(actor="test") as uow:
        pause = workflow_outbox.c.next_attempt_at - func.clock_timestamp()
        [row] = await uow.all(select(workflow_outbox.c.attempts, pause.label("pause")))
    assert row["attempts"] == 41
    assert row["pause"] <= timedelta(seconds=CLAIM_SECONDS)


async def test_what_a_savepoint_left_behind_is_undone_with_it(database):
    added = await add_operator(database, organization="Ada's", name="Ada", email="ada@example.test", actor="test")
    async with database.unit_of_work(added.organization_id, actor="test", delivers=True) as uow:
        await uow.tell("thing.before", "thing", 1)
        with suppress(RuntimeError):
            async with uow.savepoint():
                await uow.start_workflow(RUN)
                await uow.tell("thing.undone", "thing", 1)
                raise RuntimeError
        assert uow.outbox == []
        async with uow.savepoint():
            await uow.tell("thing.after", "thing", 1)
    async with database.unit_of_work(added.organization_id, actor="test") as uow:
        told = await uow.all(select(outgoing_event.c.type).order_by(outgoing_event.c.id))
        assert [row["type"] for row in told] == ["thing.before", "thing.after"]
        assert await uow.all(select(workflow_outbox.c.id)) == []


async def test_what_was_told_is_what_it_was_when_it_was_told(database):
    added = await add_operator(database, organization="Ada's", name="Ada", email="ada@example.test", actor="test")
    async with database.unit_of_work(added.organization_id, actor="test") as uow:
        payload, detail = {"lines": [1]}, {"lines": [1]}
        await uow.tell("thing.made", "thing", 1, payload)
        await uow.audit("thing.made", "thing", 1, detail)
        payload["lines"].append(2)
        detail["lines"].append(2)
    async with database.unit_of_work(added.organization_id, actor="test") as uow:
        assert (await uow.one_or_none(select(outgoing_event.c.payload)))["payload"] == {"lines": [1]}
        assert await uow.bare.fetchval("select detail from audit.entry where action = 'thing.made'") == {"lines": [1]}


async def test_the_argument_of_a_run_is_json_and_stays_as_it_was_given(database):
    added = await add_operator(database, organization="Ada's", name="Ada", email="ada@example.test", actor="test")
    async with database.unit_of_work(added.organization_id, actor="test", delivers=True) as uow:
        argument = {"ids": ["1"]}
        await uow.start_workflow(replace(RUN, argument=argument))
        argument["ids"].append("2")
        assert [row["argument"] for row in uow.outbox] == [{"ids": ["1"]}]
        with pytest.raises(TypeError):
            await uow.start_workflow(replace(RUN, argument={"id": added.organization_id}))
    async with database.unit_of_work(added.organization_id, actor="test") as uow:
        assert [row["argument"] for row in await uow.all(select(workflow_outbox.c.argument))] == [{"ids": ["1"]}]
