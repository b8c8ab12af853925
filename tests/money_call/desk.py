"""A desk from which money calls are taken through their states, each change its own unit of work."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from db.engine import Database
from db.queries import money_call as queries
from domain.ids import new_id
from domain.ledger_accounts import epx_in_transit, organization_uncleared
from domain.money import Money
from domain.money_call import Hold, LedgerLine, MoneyCall, NewMoneyCall, Outcome, Strategy

TODAY = date(2026, 11, 20)
APPLIED = Outcome("applied", "00", "ACCEPTED", rail_id="09LMQ111")
REFUSED = Outcome("refused", "51", "NSF", must_act="payee")
UNKNOWN = Outcome("unknown", "96", "SYSTEM ERROR")
SHORT, LONG = 0.0, 3600.0
"""Windows in seconds: a deadline that has passed at once, and one that does not pass during a test."""


@dataclass
class Desk:
    """One organization with two operators; `owner` is the database's owner, for looking and for breaking rules."""

    database: Database
    owner: "asyncpg.Connection[asyncpg.Record]"
    organization_id: UUID = field(default_factory=new_id)
    first: UUID = field(default_factory=new_id)
    second: UUID = field(default_factory=new_id)
    flow_id: UUID = field(default_factory=new_id)

    async def open(self) -> "Desk":
        await self.owner.execute(
            "insert into organization (id, name) values ($1, $2)", self.organization_id, str(self.organization_id)
        )
        for person in (self.first, self.second):
            await self.owner.execute(
                "insert into operator (id, organization_id, name, email) values ($1, $2, 'Operator', $3)",
                person,
                self.organization_id,
                f"{person}@example.test",
            )
        return self

    async def another(self) -> "Desk":
        """Another organization's desk in the same database."""
        return await Desk(self.database, self.owner).open()

    def new(self, step: str = "pay", ordinal: int = 1, *, amount: int = 1000, **more: Any) -> NewMoneyCall:
        line = LedgerLine(epx_in_transit(), organization_uncleared(self.organization_id), amount)
        return NewMoneyCall(
            step=step,
            ordinal=ordinal,
            rail="epx",
            operation="CKC2",
            rail_reference=new_id().hex,
            money=Money(amount, "USD"),
            request=more.pop("request", {"AMOUNT": str(amount)}),
            hold=Hold("test", (line,)) if amount else None,
            **more,
        )

    async def record(
        self, new: NewMoneyCall | None = None, strategy: Strategy = "query", *, flow_id: UUID | None = None
    ) -> MoneyCall:
        if new is None:
            new = self.new(amount=0 if strategy == "harmless" else 1000)
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.record("test-flow", flow_id or self.flow_id, new, strategy, TODAY)

    async def begin(self, call: MoneyCall, *, window: float = LONG, reference: str | None = None) -> MoneyCall | None:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.begin_send(
                call, window_seconds=window, settling_seconds=0.0, new_reference=reference
            )

    async def taken(self, call: MoneyCall, *, window: float = LONG) -> MoneyCall:
        taken = await self.begin(call, window=window)
        assert taken is not None
        return taken

    async def not_sent(self, call: MoneyCall) -> MoneyCall:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.not_sent(call)

    async def in_doubt(
        self, call: MoneyCall, state: str = "unknown", *, by: str = "answer", evidence: Mapping[str, Any] | None = None
    ) -> MoneyCall:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.in_doubt(call, state, "no_answer", "Lost.", by=by, evidence=evidence)

    async def settle(self, call: MoneyCall, outcome: Outcome, by: str = "answer", **more: Any) -> bool:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.settle(call, outcome, by=by, effective_date=TODAY, **more)

    async def propose(self, call: MoneyCall, outcome: str = "applied", *, operator: UUID | None = None) -> MoneyCall:
        proposal = {"outcome": outcome, "rail_id": None, "evidence": "statement of 20 November"}
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.propose(call.id, operator or self.first, proposal)

    async def confirm(self, call: MoneyCall, outcome: str = "applied", *, operator: UUID | None = None) -> bool:
        word = replace(APPLIED if outcome == "applied" else REFUSED, rail_id=None)
        return await self.settle(
            call, word, "person", operator_id=operator or self.second, proposal_hash=call.proposal_hash
        )

    async def returned(self, call: MoneyCall) -> MoneyCall:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.money_calls.returned(call.id)

    async def read(self, call: MoneyCall) -> MoneyCall:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            found = await queries.get(uow, call.id)
        assert found is not None
        return found

    async def in_state(self, state: str, strategy: Strategy = "query") -> MoneyCall:
        """A call of a flow of its own, taken to the state by the shortest way."""
        call = await self.record(strategy=strategy, flow_id=new_id())
        if state == "recorded":
            return call
        call = await self.taken(call, window=SHORT)
        if state in ("unknown", "needs_person"):
            call = await self.in_doubt(call, state)
        elif state in ("applied", "refused"):
            await self.settle(call, APPLIED if state == "applied" else REFUSED)
            call = await self.read(call)
        assert call.state == state
        return call

    async def plain_sql(self, statement: str, *values: Any) -> None:
        """As the application's role, inside a unit of work."""
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            await uow.business_now()
            await (await uow.driver()).execute(statement, *values)

    async def hold_state(self, call: MoneyCall) -> Any:
        return await self.owner.fetchval("select state::text from ledger.hold where owner_id = $1", call.id)

    async def cases(self, kind: str, *, state: str = "open") -> list[asyncpg.Record]:
        return await self.owner.fetch(
            "select * from case_file where organization_id = $1 and kind = $2 and state = $3",
            self.organization_id,
            kind,
            state,
        )


async def all_of(*attempts: Any) -> list[Any]:
    """Do these at once; what they returned, or raised."""
    return list(await asyncio.gather(*attempts, return_exceptions=True))
