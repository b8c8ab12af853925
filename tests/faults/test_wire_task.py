"""A wire's last step is two persons': whoever is first, how often they say it, and who is killed meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest_asyncio

from activities.payout_reconciliation import PayoutReconciliation, statements
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from domain.ids import new_id
from services.api_keys import create_key
from services.operators import add_operator
from tests.faults.drivers.wire import Wire
from tests.faults.play import settle_down
from tests.faults.processes import WorkerProcess
from tests.faults.world import World, open_world
from tests.proof import prove
from tests.system import api_of

SEEN = "The bank's page says executed"
NOT_SENT = {"reason": "The bank does not know the account", "who_must_act": "operator"}
AT_ONCE, MANY_TIMES, KILLED, CONTRADICTED = 10_001, 10_002, 10_003, 10_004


@dataclass
class Said:
    """One wire: what operators were answered, and what became of it."""

    codes: list[str]
    """Of each confirmation: `200`, or the refusal's code."""
    state: str = ""
    call: str = ""
    bookings: int = 0
    at_the_bank: int = 0
    paid_otherwise: int = 0
    cases: list[str] = field(default_factory=list)
    run_ended: bool = False


class Table:
    """Wires that wait for their owner, and three operators around them."""

    def __init__(self, world: World, third: httpx.AsyncClient) -> None:
        self.world = world
        self.system = world.system
        self.driver = Wire(world)
        self.ada, self.grace, self.third = world.system.api, world.system.other_operator, third

    async def wires(self, *amounts: int) -> None:
        """Each of them waits for a person."""
        await self.driver.prepare()
        for amount in amounts:
            await self.driver.ready(amount)
            await self.driver.start(amount)
        for amount in amounts:
            await self.system.eventually(partial(self.call_state, amount), "needs_person".__eq__)

    async def call_state(self, amount: int) -> str:
        """The state of the wire's money call."""
        call = await self.driver.call(amount)
        return "" if call is None else str(call["state"])

    async def say(self, who: httpx.AsyncClient, amount: int, what: str, body: Any) -> httpx.Response:
        """One operator's word, under a key of its own."""
        path = f"/v1/reports/{self.driver.reports[amount]}/{what}"
        return await who.post(path, json=body, headers={"Idempotency-Key": new_id().hex})

    async def propose(self, who: httpx.AsyncClient, amount: int, *, sent: bool) -> dict[str, str]:
        """Say what the bank did; what confirms that."""
        said = {"bank_reference": f"20260303B{amount}", "evidence": SEEN} if sent else NOT_SENT
        answer = await self.say(who, amount, "wire-sent" if sent else "wire-refused", said)
        assert answer.status_code == 202, answer.text
        return {"seen": answer.json()["money_call"]["proposal"]["seen"]}

    async def confirm(self, amount: int, *words: tuple[httpx.AsyncClient, dict[str, str]]) -> list[str]:
        """All of these confirmations at once."""
        answers = await asyncio.gather(*(self.say(who, amount, "wire-confirm", seen) for who, seen in words))
        return sorted("200" if answer.is_success else str(answer.json()["code"]) for answer in answers)

    async def seen(self, amount: int, codes: list[str]) -> Said:
        """What became of a wire."""
        call = await self.driver.call(amount)
        assert call is not None
        report = await self.system.get(f"/v1/reports/{self.driver.reports[amount]}")
        bookings = "select count(*) from ledger.transaction where operation = 'post_hold' and position($1 in key) > 0"
        effects: Counter[str] = await self.driver.effects_of(amount)
        run = self.system.house.temporal.get_workflow_handle(f"reimbursement/{call['flow_id']}")
        described = await run.describe()
        return Said(
            codes,
            state=report["payout"]["state"],
            call=str(call["state"]),
            bookings=await self.world.owner.fetchval(bookings, str(call["id"])),
            at_the_bank=effects["wire"],
            paid_otherwise=effects["ach_transfers.create"],
            cases=[case["kind"] for case in report["detail"]["cases"] if case["state"] == "open"],
            run_ended=described.close_time is not None,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def said(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[dict[int, Said]]:
    """All wires in one world."""
    async with open_world(migrated, temporal.address, worker=False) as world:
        table = Table(world, await third_operator(world))
        async with WorkerProcess(world.system.settings) as worker:
            await table.wires(AT_ONCE, MANY_TIMES, KILLED, CONTRADICTED)
            codes = {
                CONTRADICTED: await contradicted(table),
                AT_ONCE: await two_persons_at_once(table),
                MANY_TIMES: await confirmed_many_times(table),
            }
            await table.driver.send(KILLED)
            word = await table.propose(table.grace, KILLED, sent=True)
            worker.kill()
        codes[KILLED] = await table.confirm(KILLED, (table.ada, word))
        async with WorkerProcess(world.system.settings):
            await settle_down(world)
            report = await table.driver.people.until(table.driver.reports[KILLED], "settled")
            assert report["state"] == "reimbursed"
            for amount in (MANY_TIMES, KILLED):
                await table.system.eventually(partial(run_ended, table, amount))
            await prove(world.system, at_rest=False)  # one contradiction stays open
            yield {amount: await table.seen(amount, codes[amount]) for amount in codes}


async def run_ended(table: Table, amount: int) -> bool:
    """Whether nobody waits any more for what became of it."""
    return (await table.seen(amount, [])).run_ended


async def third_operator(world: World) -> httpx.AsyncClient:
    """Beside Ada and Grace."""
    house, email = world.system.house, "joan@example.test"
    added = await add_operator(house.database, organization="Test organization", name="Joan", email=email, actor="test")
    key = await create_key(
        house.database,
        added.organization_id,
        operator_email=email,
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    transport = httpx.ASGITransport(api_of(house, world.system.settings))
    client = httpx.AsyncClient(
        transport=transport,
        base_url="http://bursar.test",
        headers={"Authorization": f"Bearer {key.secret}"},
        timeout=30,
    )
    return await world.stack.enter_async_context(client)


async def two_persons_at_once(table: Table) -> list[str]:
    """One says that it went out, another that it did not, and each confirms the other's word at once."""
    first, second = await asyncio.gather(
        table.propose(table.grace, AT_ONCE, sent=False), table.propose(table.ada, AT_ONCE, sent=True)
    )
    codes = await table.confirm(AT_ONCE, (table.ada, first), (table.grace, second), (table.third, second))
    if await table.call_state(AT_ONCE) == "applied":
        await table.driver.send(AT_ONCE)  # whose word stood is chance: the bank did what it says
    return codes


async def confirmed_many_times(table: Table) -> list[str]:
    """Two who have read the same word confirm it, each more than once, and once more when it is settled."""
    await table.driver.send(MANY_TIMES)
    word = await table.propose(table.grace, MANY_TIMES, sent=True)
    codes = await table.confirm(MANY_TIMES, *[(who, word) for who in (table.ada, table.third) for _ in range(3)])
    return codes + await table.confirm(MANY_TIMES, (table.ada, word))


async def contradicted(table: Table) -> list[str]:
    """Two say that it was not sent; then the bank's list has it, and somebody wants to pay another way."""
    word = await table.propose(table.grace, CONTRADICTED, sent=False)
    codes = await table.confirm(CONTRADICTED, (table.ada, word))
    people, report_id = table.driver.people, table.driver.reports[CONTRADICTED]
    await people.until(report_id, "action_required")
    call = await table.driver.call(CONTRADICTED)
    assert call is not None
    body = {
        "bank_account_id": "bacc_fs_main",
        "amount": CONTRADICTED,
        "description": f"Reimbursement {call['rail_reference']}",
    }
    (await table.system.control.post("/column/wires", json=body)).raise_for_status()
    house = table.system.house
    await PayoutReconciliation(house.database, house.inbox, statements(house.rails), days=70).look()
    other_way = await people.add_way("ach")
    await people.ask(report_id, "payout-method", {"payout_method_id": other_way["id"]})
    await people.until(report_id, "sending")
    # what keeps the balances equal is not ours to explain
    money = {"bank_account_id": "bacc_fs_main", "amount": CONTRADICTED}
    (await table.system.control.post("/column/deposits", json=money)).raise_for_status()
    return codes


def test_of_two_persons_at_once_one_is_right(said: dict[int, Said]) -> None:
    wire = said[AT_ONCE]
    assert "200" in wire.codes
    assert set(wire.codes) <= {"200", "evidence_mismatch", "same_operator", "nothing_proposed"}
    ends = {"applied": ("settled", 1), "refused": ("action_required", 0)}
    assert (wire.state, wire.bookings) == ends[wire.call]
    assert (wire.at_the_bank, wire.cases) == (wire.bookings, [])


def test_a_wire_that_is_confirmed_many_times_is_booked_once(said: dict[int, Said]) -> None:
    wire = said[MANY_TIMES]
    assert "200" in wire.codes
    assert set(wire.codes) <= {"200", "evidence_mismatch", "nothing_proposed"}
    assert (wire.state, wire.call, wire.bookings, wire.at_the_bank) == ("settled", "applied", 1, 1)
    assert (wire.cases, wire.run_ended) == ([], True)


def test_a_wire_that_is_confirmed_while_no_worker_lives_is_paid_and_its_run_ends(said: dict[int, Said]) -> None:
    wire = said[KILLED]
    assert wire.codes == ["200"]
    assert (wire.state, wire.call, wire.bookings, wire.at_the_bank) == ("settled", "applied", 1, 1)
    assert (wire.cases, wire.run_ended) == ([], True)


def test_a_wire_that_the_bank_sent_against_two_persons_word_is_a_case_and_nobody_is_paid_again(
    said: dict[int, Said],
) -> None:
    wire = said[CONTRADICTED]
    assert wire.codes == ["200"]
    assert (wire.call, wire.bookings, wire.at_the_bank, wire.paid_otherwise) == ("refused", 0, 1, 0)
    assert wire.cases == ["contradiction"]
