"""What a flow cannot do without, laid on a bare workflow piece by piece: where the way from one to the other goes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import count

import httpx
from sqlalchemy import func, select
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from activities.temporal import connect
from activities.workflow_runner import workflow_sandbox
from bench.contenders.ach_debits import AchDebits
from bench.contenders.bare_flow import BareFlow, BareFlows, worker_of
from bench.contenders.books import DAY
from bench.contenders.laden_partners import Partner, bank_tells, open_partners
from bench.contenders.provider_payments import ProviderPayments
from bench.contenders.reimbursements import Reimbursements
from bench.contenders.unit_of_work import play_money_call
from bench.contenders.whole_flow import LOOK_SECONDS
from db.queries import money_call as queries
from db.tables.inbox import inbox_event
from db.unit_of_work import UnitOfWork
from domain.ids import new_id
from domain.money_call import LedgerLine
from tests.system import System

SHOWN = ("Organization", "Flow", "State", "Subject", "Payee")
LINES = (LedgerLine("external:bank", "rail:bench:in_transit", 1),)
"""Between accounts that are never locked: the cheapest a posting can be."""
SEALED = "+ sealed, found by search attributes"


@dataclass(frozen=True, slots=True)
class Ladder:
    """One kind of flow. `activities` says in their order whether they write a row or make a money call.

    `rungs`: the loads that are added, by the row that shows them. A load is one of
    - `look`: each local activity reads a row
    - `write`: an activity without a money call writes one
    - `call`: a money call's three transactions, the posting among them
    - `exchange`: what a money call, or the step before it, exchanges with the partner
    - `settle`: the last look posts
    - `message`: the last look comes of a message of the partner's
    - `messages`: of as many as the partner sends
    - `ask`: the flow begins with a request to the API that stores a row
    - `timer`: each wait has a timer, which is cancelled
    - `besides`: at its end, as many transactions and statements more as the flow has, `besides`
    """

    activities: tuple[str, ...]
    rungs: Mapping[str, tuple[str, ...]]
    besides: "Besides"
    messages: int = 1

    def loads(self, rung: str) -> frozenset[str]:
        """Those of this rung and of all before it."""
        names = list(self.rungs)
        return frozenset(load for name in names[: names.index(rung) + 1] for load in self.rungs[name])

    def of_step(self, taken: str, whole: str) -> tuple[str, ...]:
        """What the step that was taken last may bear, of `whole`."""
        if taken[-1] == "A":
            return (self.activities[taken.count("A") - 1],)
        return ("look", "settle", "message", "messages", "besides") if taken == whole else ("look",)


@dataclass(frozen=True, slots=True)
class Besides:
    """What PostgreSQL's log shows of one flow and not of the rung before: transactions, and reads in each of them.

    Counted once, without what loops do that find nothing. Each has besides its reads a statement that begins it, one
    that writes an audit row, and one that ends it.
    """

    transactions: int
    reads: int


LADDERS: Mapping[str, Ladder] = {
    AchDebits.name: Ladder(
        ("call",),
        {
            SEALED: (),
            "+ each look reads a row": ("look",),
            "+ one money call: three transactions": ("call",),
            "+ one exchange with the gateway": ("exchange",),
            "+ one posting for the settlement": ("settle",),
            "+ one request to the API that stores a row": ("ask",),
            "+ a timer for each wait": ("timer",),
            "+ as many statements more as the debit has": ("besides",),
        },
        besides=Besides(transactions=6, reads=6),
    ),
    ProviderPayments.name: Ladder(
        ("write", "call", "write", "call"),
        {
            SEALED: (),
            "+ each look reads a row, what Chek says of the payee is written": ("look", "write"),
            "+ two money calls, six exchanges with Chek, one request to the API": ("call", "exchange", "ask"),
            "+ as many statements more as the payment has": ("besides",),
        },
        besides=Besides(transactions=3, reads=26),
    ),
    Reimbursements.name: Ladder(
        ("write", "call", "call", "call"),
        {
            SEALED: (),
            "+ each look reads a row, the payout is written": ("look", "write"),
            "+ three money calls, three exchanges with the bank, its message, one request to the API": (
                "call",
                "exchange",
                "message",
                "ask",
            ),
            "+ a timer for each wait, the bank's five other messages": ("timer", "messages"),
            "+ as many statements more as the payout has": ("besides",),
        },
        besides=Besides(transactions=4, reads=32),
        messages=6,
    ),
}
"""A payment asks Chek before each money call how the payee is paid, and with it what the wallet has that it leaves."""


class LadenFlows(BareFlows):
    """Bare flows that bear what `bear` was told last."""

    queue = "bench-laden"
    attributes = TypedSearchAttributes(
        [SearchAttributePair(SearchAttributeKey.for_keyword(name), "bench") for name in SHOWN]
    )

    def __init__(self, client: Client, system: System, partners: Mapping[str, Partner]) -> None:
        super().__init__(client)
        self._system = system
        self._partners = partners
        self._numbers = count(1)
        self._deeds = {
            "look": self._look,
            "write": self._write,
            "call": self._call,
            "settle": self._settle,
            "message": self._message,
            "messages": self._other_messages,
            "besides": self._besides,
        }

    def bear(self, flow: str, rung: str, steps: str) -> None:
        """What this kind of flow bears up to this rung. RuntimeError where its steps are others by now."""
        self._ladder = LADDERS[flow]
        if steps.count("A") != len(self._ladder.activities) or not steps.endswith("L"):
            raise RuntimeError(f"{flow} has the steps {steps}: its ladder is of {len(self._ladder.activities)} A")
        self._loads = self._ladder.loads(rung)
        self._partner = self._partners[flow]
        self._steps = steps

    async def start(self, steps: str) -> "WorkflowHandle[BareFlow, None]":
        """Asked of the API first, where that is borne."""
        if "ask" in self._loads:
            await self._system.post("/v1/families", {"external_id": f"family-{new_id().hex}", "name": "Keller"})
        return await super().start(steps.replace("S", "T") if "timer" in self._loads else steps)

    async def play(self, steps: str, count: int, at_once: int) -> None:
        """Until the partner's messages are concluded, too."""
        await super().play(steps, count, at_once)
        stored = select(func.count()).where(inbox_event.c.source == "column", inbox_event.c.state == "stored")
        while "message" in self._loads:
            async with self._system.house.database.across_organizations(actor="bench") as uow:
                if not (await uow.connection.execute(stored)).scalar_one():
                    return
            await asyncio.sleep(LOOK_SECONDS)

    async def _bear(self, steps: str) -> None:
        for load in self._ladder.of_step(steps.replace("T", "S"), self._steps):
            if load in self._loads:
                await self._deeds[load]()

    async def _look(self) -> None:
        async with self._unit_of_work() as uow:
            await queries.get(uow, new_id())

    async def _write(self) -> None:
        """The one row that every change has whatever it changes."""
        if "exchange" in self._loads and self._partner.look is not None:
            await self._partner.look()
        async with self._unit_of_work() as uow:
            await uow.audit("bench.noted", "bench", new_id())

    async def _call(self) -> None:
        """With the partner's answer between, where that is borne."""
        database, organization_id = self._system.house.database, self._system.organization_id
        exchange = self._partner.send if "exchange" in self._loads else None
        await play_money_call(database, organization_id, next(self._numbers), LINES, DAY, exchange)

    async def _settle(self) -> None:
        async with self._unit_of_work() as uow:
            await uow.ledger.post(f"bench/{new_id()}", "bench", "USD", LINES, DAY)

    async def _message(self) -> None:
        await bank_tells(self._system)

    async def _other_messages(self) -> None:
        for _ in range(self._ladder.messages - 1):
            await bank_tells(self._system)

    async def _besides(self) -> None:
        """Reads by a key that nothing has: the cheapest statements there are."""
        besides = self._ladder.besides
        for _ in range(besides.transactions):
            async with self._unit_of_work() as uow:
                for _ in range(besides.reads):
                    await queries.get(uow, new_id())
                await uow.audit("bench.noted", "bench", new_id())

    def _unit_of_work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._system.house.database.unit_of_work(self._system.organization_id, actor="bench")


@asynccontextmanager
async def open_laden(system: System, chek: httpx.AsyncClient) -> AsyncIterator[LadenFlows]:
    """A worker for them as ours is: sealed payloads, the sandbox without what sealing does not need."""
    client = await connect(system.settings.temporal, system.house.keyring)
    async with open_partners(system, chek) as partners:
        flows = LadenFlows(client, system, partners)
        async with worker_of(client, flows, system.settings, workflow_sandbox()):
            yield flows
