"""What the rungs between a bare workflow and a flow bear, and that partners answer it as meant."""

import asyncio
from itertools import pairwise

import httpx
from sqlalchemy import select

from bench.contenders.ach_debits import AchDebits
from bench.contenders.laden_flow import LADDERS
from bench.contenders.laden_partners import bank_tells, open_partners
from bench.contenders.provider_payments import ProviderPayments
from bench.contenders.reimbursements import Reimbursements
from db.tables.inbox import inbox_event
from tests.system import System

SHAPES = {AchDebits.name: "ALSLSLSL", ProviderPayments.name: "LAALAAL", Reimbursements.name: "AAALALSLSL"}


def borne(flow: str) -> list[str]:
    """Of all steps but waits, on the last rung."""
    ladder, whole = LADDERS[flow], SHAPES[flow]
    loads = ladder.loads(list(ladder.rungs)[-1])
    taken = [whole[: place + 1] for place, step in enumerate(whole) if step != "S"]
    return [load for steps in taken for load in ladder.of_step(steps, whole) if load in loads]


def test_a_flow_bears_what_its_steps_are_for():
    assert borne(AchDebits.name) == ["call", "look", "look", "look", "look", "settle", "besides"]
    assert borne(ProviderPayments.name) == ["look", "write", "call", "look", "write", "call", "look", "besides"]
    steps = ["write", "call", "call", "look", "call", "look", "look", "look"]
    assert borne(Reimbursements.name) == [*steps, "message", "messages", "besides"]


def test_each_rung_bears_what_those_before_it_bear():
    for ladder in LADDERS.values():
        loads = [ladder.loads(rung) for rung in ladder.rungs]
        assert loads[0] == frozenset()
        assert all(less < more for less, more in pairwise(loads))


async def test_partners_refuse_what_is_sent_for_the_reason_that_is_meant(system: System):
    headers = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}
    base = f"{system.sandbox.addresses['chek']}/api/v1/account/1/"
    async with (
        httpx.AsyncClient(base_url=base, headers=headers) as chek,
        open_partners(system, chek) as partners,
    ):
        look = partners[ProviderPayments.name].look
        assert look is not None
        await look()
        await partners[AchDebits.name].send()
        assert await partners[ProviderPayments.name].send() == {"detail": "The transaction was refused."}
        refused = await partners[Reimbursements.name].send()
    assert isinstance(refused, dict)
    assert refused["code"] == "same_bank_account"


async def test_a_message_of_the_bank_is_stored_and_concluded(system: System):
    await bank_tells(system)

    async def state() -> str:
        async with system.house.database.across_organizations(actor="test") as uow:
            found = (await uow.connection.execute(select(inbox_event.c.state))).scalar_one()
        await asyncio.sleep(0.05)
        return str(found)

    assert await system.eventually(state, lambda seen: seen != "stored", seconds=20) == "ignored"
