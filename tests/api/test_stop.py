"""An API process that is told to stop: what it has accepted is started by itself, and it ends as one that did well."""

import asyncio
import signal
from pathlib import Path

import httpx
from sqlalchemy import select

from db.tables.event import workflow_outbox
from domain.ids import new_id
from tests.faults.line import open_line
from tests.faults.processes import api_process
from tests.flows.ach import merchant, stored_account
from tests.system import System

SLOW_SECONDS = 0.5
"""To Temporal, each way there: a start takes longer than uvicorn's own end."""


async def test_what_was_accepted_just_before_is_started_before_it_ends_cleanly(system: System, tmp_path: Path) -> None:
    account = await stored_account(system, await merchant(system))
    async with open_line(system.settings.temporal.address, delay_seconds=SLOW_SECONDS) as (_, address):
        temporal = system.settings.temporal.model_copy(update={"address": address})
        slow = system.settings.model_copy(update={"temporal": temporal})
        async with api_process(slow, tmp_path) as (process, url):
            debit = await _accepted(system, url, account["id"])
            process.signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 30), "it does not end"
            assert process.ending == "exit code 0", process.written()
    # a worker's loop would have counted its attempt, and would have left the row alone for five seconds
    async with system.house.database.across_organizations(actor="test") as uow:
        row = await uow.one_or_none(select(workflow_outbox).where(workflow_outbox.c.path == f"/v1/ach-debits/{debit}"))
    assert row is not None
    assert (row["attempts"], row["done_at"] is not None) == (0, True)
    assert await system.house.temporal.get_workflow_handle(row["workflow_id"]).describe()


async def _accepted(system: System, url: str, account_id: str) -> str:
    headers = {"Authorization": system.api.headers["Authorization"], "Idempotency-Key": new_id().hex}
    body = {"account_id": account_id, "amount": 15_000, "currency": "USD"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        answer = await client.post("/v1/ach-debits", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])
