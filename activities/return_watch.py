"""The scheduled look at return rates, and at corrections that should have been applied by now."""

from typing import Any

import structlog
from sqlalchemy import select
from temporalio import activity

from contracts.ach_return import WATCH_RETURNS, ReturnWatchReport
from db.engine import Database
from db.queries.return_rate import rates
from db.tables.ach_account_change import ach_account_change
from db.tables.case_file import case_file
from db.unit_of_work import UnitOfWork
from domain.calendar import NEW_YORK
from domain.return_rate import Rate, Standing

log = structlog.get_logger()


class ReturnWatch:
    """Raises a case and an event when a rate reaches six tenths of its level, once until the case is closed."""

    def __init__(self, database: Database, *, minimum_sample: int) -> None:
        self._database = database
        self._minimum_sample = minimum_sample

    @activity.defn(name=WATCH_RETURNS)
    async def watch(self) -> ReturnWatchReport:
        """Look once at every merchant of every organization."""
        async with self._database.across_organizations(actor="return-watch") as uow:
            seen = await rates(uow, minimum_sample=self._minimum_sample)
            today = (await uow.business_now()).astimezone(NEW_YORK).date()
            overdue = await uow.all(
                select(ach_account_change).where(
                    ach_account_change.c.state.in_(("pending", "failed")), ach_account_change.c.due_on < today
                )
            )
        alerts = 0
        for merchant, found in seen:
            for rate in found:
                if rate.standing in (Standing.ALERT, Standing.ABOVE):
                    alerts += await self._alert(merchant, rate)
        for change in overdue:
            async with self._database.unit_of_work(change["organization_id"], actor="return-watch") as uow:
                await uow.open_case(
                    "change_overdue",
                    "ach-account-change",
                    change["id"],
                    f"The correction {change['code']} was due on {change['due_on']} and is not applied.",
                    {"account_id": change["account_id"], "state": change["state"]},
                )
        return ReturnWatchReport(rates=len(seen) * 3, alerts=alerts, overdue_changes=len(overdue))

    async def _alert(self, merchant: Any, rate: Rate) -> bool:
        async with self._database.unit_of_work(merchant["organization_id"], actor="return-watch") as uow:
            kind = f"return_rate_{rate.name}"
            if await _is_open(uow, kind, str(merchant["id"])):
                return False
            detail = {
                "rate": rate.name,
                "percent": rate.percent,
                "level_percent": _percent(rate.level),
                "returned": rate.returned,
                "originated": rate.originated,
                "standing": rate.standing,
            }
            await uow.open_case(
                kind,
                "merchant",
                merchant["id"],
                f"The {rate.name} return rate of {merchant['name']} is {rate.percent} % of {rate.originated} debits in"
                f" 60 days; the level is {_percent(rate.level)} %.",
                detail,
            )
            await uow.tell("merchant.return_rate_alert", "merchant", merchant["id"], detail)
        log.warning("return_rate_alert", merchant_id=str(merchant["id"]), rate=rate.name, standing=rate.standing)
        return True


async def _is_open(uow: UnitOfWork, kind: str, subject: str) -> bool:
    statement = select(case_file.c.id).where(
        case_file.c.kind == kind, case_file.c.subject_id == subject, case_file.c.state == "open"
    )
    return await uow.one_or_none(statement) is not None


def _percent(level: int) -> str:
    return f"{level // 100}.{level % 100:02d}"
