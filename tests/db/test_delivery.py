"""Who starts a run after the commit: the request that asked for it at once, a worker's loop what is left of that."""

import pytest

from activities.workflow_outbox import WorkflowOutbox
from db.unit_of_work import DELIVERY_SECONDS
from db.workflow_run import WorkflowRun
from services.operators import add_operator

RUN = WorkflowRun(
    "Nothing", "nothing/1", "nothing/1/again", {"id": "1"}, {"PaymentState": "created"}, "Nothing", "/v1/1"
)


class Started(WorkflowOutbox):
    """Writes down what it was to deliver, and delivers nothing."""

    def __init__(self, database):
        super().__init__(database, None, task_queue="", public_url="")
        self.rows = []

    async def deliver(self, rows):
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
