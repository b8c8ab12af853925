"""The flow `ach-authorization`: pause, resume, change of amount, cancel. Its money moves in debits of their own."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from db.flows.ach_authorization_notice import tell_changed_amount
from db.flows.ach_authorization_rule import require_open
from db.flows.ach_authorization_schedule import FIELD, change_schedule
from db.flows.base import FlowRow
from db.flows.without_money_step import WithoutMoneyStep
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.authorization import NOTICE_DAYS, AuthorizationState, date_notice_days, require_in_range
from domain.calendar import new_york_date
from domain.errors import InvalidInput, StateConflict


class AchAuthorizationSteps(WithoutMoneyStep):
    """What may be asked of an authorization. It has no money step of its own."""

    flow = queries.FLOW
    commands: frozenset[str] = frozenset({"pause", "resume", "cancel", "change_amount", "change_schedule"})

    def __init__(self, notice_required: str = "variable") -> None:
        """`notice_required`: whose charges must be announced ten days before, as the settings say."""
        self._notice_required = notice_required

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The authorization's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The authorization's row."""
        return await queries.get(uow, flow_id)

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """Carry it out at once: from this transaction on nothing is made or handed over against it."""
        require_open(row)
        reason = str(arguments.get("reason") or "")
        if name == "cancel":
            await queries.end(uow, row, "cancelled", reason, code="cancelled")
        elif name == "pause":
            if row["state"] == AuthorizationState.PAUSED:
                raise StateConflict("authorization_paused", "The authorization is paused already.")
            await queries.change(
                uow, row["id"], "paused", reason, state=AuthorizationState.PAUSED, code="paused", message=reason
            )
        elif name == "resume":
            if row["state"] == AuthorizationState.ACTIVE:
                raise StateConflict("authorization_active", "The authorization is not paused.")
            await queries.change(
                uow,
                row["id"],
                "resumed",
                reason,
                state=AuthorizationState.ACTIVE,
                code=None,
                message=None,
                must_act=None,
            )
        elif name == "change_amount":
            await self._change_amount(uow, row, _amount(arguments), reason)
        else:
            days = date_notice_days(row["amount_rule"], self._notice_required)
            await change_schedule(uow, row, _date(arguments), reason, notice_days=days)

    @staticmethod
    async def _change_amount(uow: UnitOfWork, row: FlowRow, amount: int, reason: str) -> None:
        """Within an agreed range from the next period that is not announced; else ten days after its notice."""
        if row["kind"] == "single":
            raise StateConflict("not_recurring", "A single debit has the amount that was authorized.")
        if row["amount_rule"] == "variable":
            require_in_range(amount, row["amount_min"], row["amount_max"])
            await queries.change(uow, row["id"], "amount_changed", reason, amount=amount)
            return
        starts = new_york_date(await uow.business_now()) + timedelta(days=NOTICE_DAYS)
        announced = await periods.last_charge_on(uow, row["id"])
        if announced is not None and announced >= starts:
            starts = announced + timedelta(days=1)
        await queries.change(uow, row["id"], "amount_announced", reason, next_amount=amount, next_amount_from=starts)
        await tell_changed_amount(uow, row, amount, starts)

    def run(self, row: FlowRow) -> WorkflowRun:
        """`ach-authorization/<id>`."""
        return queries.run_of(row)


# what comes through Temporal has not passed the API's schema


def _amount(arguments: Mapping[str, Any]) -> int:
    amount = arguments.get("amount")
    if not isinstance(amount, int) or amount <= 0:
        raise InvalidInput("amount", "Must be an amount in minor units, above zero.")
    return amount


def _date(arguments: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(str(arguments.get(FIELD)))
    except ValueError:
        raise InvalidInput(FIELD, "Must be a date, YYYY-MM-DD.") from None
