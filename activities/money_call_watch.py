"""Nobody is forgotten: open money calls whose flow no longer runs are found out by the watch."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Literal

import structlog
from sqlalchemy import RowMapping
from temporalio import activity
from temporalio.client import Client

from activities.flow_alive import is_alive
from activities.money_call_find import Finder
from contracts.money_call import WATCH, WatchReport
from db.engine import Database
from db.flows.base import FlowSteps
from db.queries import money_call as queries
from domain.errors import NotFound
from domain.money_call import MoneyCall

log = structlog.get_logger()

Seen = Literal["left_alone", "taken_over", "stranded", "failed"]


class MoneyCallWatch:
    """Takes over finding out. It never sends a call that was recorded and not sent: a person decides on that."""

    def __init__(
        self,
        database: Database,
        client: Client,
        flows: Mapping[str, FlowSteps],
        finder: Finder,
        *,
        after_seconds: float,
    ) -> None:
        self._database = database
        self._client = client
        self._flows = flows
        self._finder = finder
        self._after_seconds = after_seconds

    @activity.defn(name=WATCH)
    async def watch(self) -> WatchReport:
        """Look once at every open call that is old enough; one that cannot be looked at holds up no other."""
        seen: Counter[Seen] = Counter()
        async for call in self._open_calls():
            try:
                seen[await self.look(call)] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at again next time
                log.warning("money_call_watch_failed", money_call_id=str(call["id"]), error=type(error).__name__)
                seen["failed"] += 1
        return WatchReport(
            looked_at=seen.total(),
            taken_over=seen["taken_over"],
            stranded=seen["stranded"],
            failed=seen["failed"],
        )

    async def _open_calls(self) -> AsyncIterator[RowMapping]:
        page: list[RowMapping] = []
        while True:
            async with self._database.across_organizations(actor="money-call-watch") as uow:
                page = await queries.open_calls(
                    uow, older_than_seconds=self._after_seconds, after=page[-1] if page else None
                )
            for call in page:
                yield call
            if not page:
                return

    async def look(self, row: RowMapping) -> Seen:
        """At one call. `row` as it was read some time ago: nothing is concluded from its state once its run has ended.

        A run that ends by itself has settled its calls. So what is read after the run was found ended is its last word.
        """
        if row["state"] == "needs_person":
            # whether its flow runs or not, nobody asks the rail any more; but the rail may tell by itself
            return "taken_over" if await self._hear(row) else "left_alone"
        if await self._flow_runs(row):
            return "left_alone"
        call = await self._call(row)
        if call.state == "recorded":
            await self._strand(row, "was recorded and never sent, and its flow no longer runs: retry or cancel it")
            return "stranded"
        return await self._find_out(row, call)

    async def _flow_runs(self, call: RowMapping) -> bool:
        """Whether the flow's run, or one that went on under its restart id, is alive."""
        flow = self._flows[call["flow"]]
        async with self._database.unit_of_work(call["organization_id"], actor="money-call-watch") as uow:
            run = flow.run(await flow.read(uow, call["flow_id"]))
        return await is_alive(self._client, run)

    async def _hear(self, row: RowMapping) -> bool:
        call = await self._call(row)
        return call.state == "needs_person" and await self._finder.hear(call)

    async def _find_out(self, row: RowMapping, call: MoneyCall) -> Seen:
        if call.state not in ("sending", "unknown"):
            return "left_alone"
        log.info("money_call_taken_over", money_call_id=str(call.id), flow=call.flow)
        await self._finder.find_out(call)
        found = await self._call(row)
        if found.state in ("applied", "refused"):
            # further steps are not taken behind the back of whoever ended the run
            await self._strand(row, f"was found out to be {found.state}, and its flow no longer runs: see what follows")
        return "taken_over"

    async def _call(self, row: RowMapping) -> MoneyCall:
        async with self._database.unit_of_work(row["organization_id"], actor="money-call-watch") as uow:
            call = await queries.get(uow, row["id"])
        if call is None:
            raise NotFound("money call")
        return call

    async def _strand(self, row: RowMapping, what: str) -> None:
        async with self._database.unit_of_work(row["organization_id"], actor="money-call-watch") as uow:
            await uow.open_case(
                "stranded", row["flow"], row["flow_id"], f"{row['step']} {what}", {"money_call_id": row["id"]}
            )
