"""One system under attack: its own database, partners and task queue, and the database's owner to look and to lock."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from cli.embedded.postgres import EmbeddedPostgres
from settings import Settings
from tests.conftest import fresh_database, system_settings
from tests.opening import fresh_sandbox
from tests.system import System, open_system

RAIL = {"http_timeout_seconds": 2.0, "connect_timeout_seconds": 1.0, "settling_delay_seconds": 0.5}
TIMING: Mapping[str, Mapping[str, Any]] = {
    # a whole matrix is asked for at once
    "api": {"concurrent_requests": 1000},
    "database": {"pool_size": 10},
    "money_call": {"send_window_seconds": 3.0, "settle_deadline_seconds": 60},
    "epx": RAIL,
    "chek": RAIL | {"readings_apart_seconds": 0.6},
    "column": RAIL,
    "paypal": RAIL,
}
"""Long enough that a busy machine is no fault, short enough that waiting for the end of doubt is no pastime."""


@dataclass
class World:
    """What cells and drivers work with."""

    system: System
    owner: "asyncpg.Pool[Any]"
    stack: AsyncExitStack
    """What drivers open is closed with the world."""
    parts: dict[str, Any] = field(default_factory=dict)
    """What the drivers of one partner share."""

    async def fault(self, partner: str, operation: str, kind: str, **how: Any) -> int:
        """Have calls of a partner go wrong; returns the fault's id."""
        body = {"partner": partner, "operation": operation, "kind": kind, **how}
        answer = await self.system.control.post("/faults", json=body)
        answer.raise_for_status()
        return int(answer.json()["id"])

    async def waiting(self, fault: int) -> int:
        """How many calls stand at a pause."""
        return await self._of_fault(fault, "waiting")

    async def hits(self, fault: int) -> int:
        """How many calls it has struck."""
        return await self._of_fault(fault, "hits")

    async def _of_fault(self, fault: int, what: str) -> int:
        listed = (await self.system.control.get("/faults")).json()["data"]
        return next(int(item[what]) for item in listed if item["id"] == fault)

    async def received(self, partner: str, operation: str, amount: int) -> list[dict[str, Any]]:
        """What the partner's journal has of calls of this amount."""
        return [entry for entry in await self.journal(partner, operation) if entry["amount"] == amount]

    async def received_of_account(self, partner: str, operation: str, last_four: str) -> list[dict[str, Any]]:
        """What the partner's journal has of calls about this bank account."""
        return [entry for entry in await self.journal(partner, operation) if entry["last_four"] == last_four]

    async def received_as(self, partner: str, operation: str, reference: str) -> list[dict[str, Any]]:
        """What the partner's journal has of calls with this reference."""
        return [entry for entry in await self.journal(partner, operation) if entry["reference"] == reference]

    async def effects(self, partner: str, amount: int) -> Counter[str]:
        """How often the partner did each of its operations with this amount."""
        listed = await self.journal(partner, "")
        return Counter(e["operation"] for e in listed if e["amount"] == amount and e["took_effect"])

    async def journal(self, partner: str, operation: str) -> list[dict[str, Any]]:
        """All that the partner's journal has of an operation, or of all where none is named."""
        query: dict[str, str | int] = {"partner": partner, "limit": 10_000}
        if operation:
            query["operation"] = operation
        answer = await self.system.control.get("/journal", params=query)
        assert answer.is_success, answer.text
        listed: list[dict[str, Any]] = answer.json()["data"]
        return listed

    async def described(self) -> str:
        """Where its calls and cases stand, for whoever reads why a test failed."""
        calls = await self.owner.fetch(
            "select rail, step, amount, state, code, fencing_token, send_count, find_count, flow_id from money_call"
            " order by recorded_at"
        )
        cases = await self.owner.fetch("select kind, state, summary, evidence from case_file order by opened_at")
        return "\n".join(str(dict(row)) for row in (*calls, *cases))

    async def call(self, step: str, amount: int) -> "asyncpg.Record | None":
        """The last money call of a step for this amount."""
        return await self.owner.fetchrow(
            "select * from money_call where (step = $1 or step like $1 || '/%') and amount = $2"
            " order by recorded_at desc limit 1",
            step,
            amount,
        )

    async def resolve(self, call_id: Any, outcome: str, rail_id: str | None = None) -> None:
        """One operator proposes, the other confirms."""
        path = f"/v1/money-calls/mc_{call_id.hex}"
        proposal = {"outcome": outcome, "rail_id": rail_id, "evidence": "the partner's support, by telephone"}
        proposed = await self.system.post(f"{path}/resolve", proposal)
        confirmation = {"seen": proposed["proposal"]["seen"]}
        own = await self.system.api.post(f"{path}/confirm", json=confirmation)
        assert own.status_code == 403, own.text
        await self.system.post(f"{path}/confirm", confirmation, client=self.system.other_operator)


@asynccontextmanager
async def open_world(
    postgres: EmbeddedPostgres,
    temporal_address: str,
    *,
    worker: bool = True,
    **changes: Mapping[str, Any],
) -> AsyncIterator[World]:
    """`changes` are settings by group. Without `worker` the flows are carried out by processes of the test."""
    async with fresh_database(postgres) as name, fresh_sandbox() as sandbox:
        settings = changed(changed(system_settings(postgres, temporal_address, name, sandbox), **TIMING), **changes)
        async with AsyncExitStack() as stack:
            url = settings.database.owner_url.get_secret_value().replace("+asyncpg", "")
            owner = await stack.enter_async_context(asyncpg.create_pool(url, min_size=1, max_size=4))
            system = await stack.enter_async_context(open_system(settings, sandbox, worker=worker))
            world = World(system, owner, stack)
            try:
                yield world
            except Exception as error:
                error.add_note(f"{await world.described()}\nafter which: {error!r:.1000}")
                raise


def changed(settings: Settings, **changes: Mapping[str, Any]) -> Settings:
    """The same settings with these knobs turned, checked as a whole."""
    groups = {name: {**getattr(settings, name).model_dump(), **knobs} for name, knobs in changes.items()}
    return Settings.model_validate({**settings.model_dump(), **groups})
