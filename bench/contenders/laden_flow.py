"""What a debit cannot do without, laid on a bare workflow piece by piece: where the way from one to the other goes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count

from lxml import etree
from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from activities.temporal import connect
from activities.workflow_runner import workflow_sandbox
from bench.contenders.bare_flow import BareFlow, BareFlows, worker_of
from bench.contenders.books import DAY
from bench.contenders.unit_of_work import Deed, play_money_call
from db.tables.money_call import money_call
from domain.ids import new_id
from domain.money_call import LedgerLine
from rails.base import http_client
from tests.system import System

LOADS: Mapping[str, str] = {
    "+ sealed, found by search attributes": "",
    "+ each look reads a row": "look",
    "+ one money call: three transactions": "call",
    "+ one exchange with the gateway": "exchange",
    "+ one posting for the settlement": "settle",
    "+ one request to the API that stores a row": "ask",
}
"""Each on top of those before it, and the word by which it is known."""
SHOWN = ("Organization", "Flow", "State", "Subject", "Payee")
LINES = (LedgerLine("external:bank", "rail:bench:in_transit", 1),)
"""Between accounts that are never locked: the cheapest a posting can be."""
FORM = {"TRAN_TYPE": "CKC2", "AMOUNT": "150.00", "TRAN_NBR": "1", "BATCH_ID": "20261121", "CUST_NBR": "0"}
"""Nobody's: declined, by an answer as long as another."""


class LadenFlows(BareFlows):
    """Bare flows that bear what is in `loads`."""

    queue = "bench-laden"
    attributes = TypedSearchAttributes(
        [SearchAttributePair(SearchAttributeKey.for_keyword(name), "bench") for name in SHOWN]
    )

    def __init__(self, client: Client, system: System, exchange: Deed) -> None:
        super().__init__(client)
        self.loads: Sequence[str] = ()
        self._system = system
        self._exchange = exchange
        self._numbers = count(1)

    async def start(self, steps: str) -> "WorkflowHandle[BareFlow, None]":
        """Asked of the API first, where that is borne."""
        if "ask" in self.loads:
            await self._system.post("/v1/families", {"external_id": f"family-{new_id().hex}", "name": "Keller"})
        return await super().start(steps)

    async def _bear(self, steps: str) -> None:
        """The first step is the money call, the others are looks, and the last one settles."""
        if len(steps) == 1:
            if "call" in self.loads:
                await self._call()
            return
        if "look" in self.loads:
            async with self._system.house.database.unit_of_work(self._system.organization_id, actor="bench") as uow:
                await uow.one_or_none(select(money_call).where(money_call.c.id == new_id()))
        if "settle" in self.loads and steps.count("L") == LOOKS:
            async with self._system.house.database.unit_of_work(self._system.organization_id, actor="bench") as uow:
                await uow.ledger.post(f"bench/{new_id()}", "bench", "USD", LINES, DAY)

    async def _call(self) -> None:
        """With the gateway's answer between, where that is borne."""
        database, organization_id = self._system.house.database, self._system.organization_id
        exchange = self._exchange if "exchange" in self.loads else None
        await play_money_call(database, organization_id, next(self._numbers), LINES, DAY, exchange)


LOOKS = 3
"""Of a debit: taken, gone out, settled."""


@asynccontextmanager
async def open_laden(system: System) -> AsyncIterator[LadenFlows]:
    """A worker for them as ours is: sealed payloads, the sandbox without what sealing does not need."""
    client = await connect(system.settings.temporal, system.house.keyring)
    epx = system.settings.epx
    async with http_client(epx) as gateway:

        async def exchange() -> None:
            answer = await gateway.post(epx.url, data=FORM)
            etree.fromstring(answer.content)

        flows = LadenFlows(client, system, exchange)
        async with worker_of(client, flows, system.settings, workflow_sandbox()):
            yield flows
