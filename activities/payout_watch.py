"""Payouts that wait for somebody: the payee is reminded, we get a case, what mends itself is tried again.

Nothing here decides on money: a try again is the same command that an operator has.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from temporalio.exceptions import ApplicationError

from activities.mail import Mail
from contracts.mail import SendMail
from db.engine import Database
from db.flows.base import FlowRow
from db.flows.reimbursement import ReimbursementSteps
from db.flows.reimbursement_events import UNSETTLED
from db.flows.reimbursement_help import mail_payee
from db.queries import mail as mails
from db.queries import money_call as money_calls
from db.queries import operator as operators
from db.queries import payout as payouts
from db.queries import payout_watch as queries
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError
from domain.ids import public_id
from domain.money import Money
from domain.payout import PayoutState
from domain.payout_method import METHODS
from settings_payout import PayoutSettings

log = structlog.get_logger()

TASK = "payout_task"
"""The subject of a mail to the owner of a task: these are sent here, those to payees by the payout's own workflow."""
_DAY, _MINUTE = 86_400.0, 60.0

SILENT_DAYS = {kind: method.silent_days for kind, method in METHODS.items() if method.silent_days is not None}

Act = Callable[[UnitOfWork, FlowRow], Awaitable[None]]


class PayoutWatch:
    """The body of a loop. Any number of them may run: each payout is looked at anew under its report's lock."""

    def __init__(self, database: Database, steps: ReimbursementSteps, mail: Mail, settings: PayoutSettings) -> None:
        self._database = database
        self._steps = steps
        self._mail = mail
        self._payee_after = [days * _DAY for days in settings.remind_payee_after_days]
        self._operator_after = [settings.operator_case_after_days * _DAY]
        self._doubt_hours = settings.doubt_case_after_hours
        # the last one hands it to an operator
        self._again_after = [minutes * _MINUTE for minutes in (*settings.retry_after_minutes, 0)]

    async def watch(self) -> int:
        """Look once at everything that is due; always 0: once per pause is enough."""
        async with self._database.across_organizations(actor="payout-watch") as uow:
            now = await uow.business_now()
            due = [
                *((row, self._remind) for row in await queries.due_for(uow, "payee", self._payee_after, now)),
                *((row, self._tell_us) for row in await queries.due_for(uow, "operator", self._operator_after, now)),
                *((row, self._try_again) for row in await queries.due_for(uow, "nobody", self._again_after, now)),
            ]
            overdue = await queries.overdue(uow, now)
            silent = await queries.silent(uow, SILENT_DAYS, now)
            doubtful = await queries.in_doubt(uow, self._doubt_hours, now)
        for row, act in due:
            await self._one(row["organization_id"], row["report_id"], act, row["stuck_at"], row["reminders"])
        for row in overdue:
            await self._one(row["organization_id"], row["report_id"], self._overdue)
        for row in silent:
            await self._one(row["organization_id"], row["report_id"], self._silent)
        for row in doubtful:
            doubted = partial(self._doubted, row["money_call_id"])
            await self._one(row["organization_id"], row["report_id"], doubted)
        await self._send()
        return 0

    async def _one(
        self,
        organization_id: UUID,
        report_id: UUID,
        act: Act,
        stuck_at: datetime | None = None,
        reminders: int = 0,
    ) -> None:
        """Under the report's lock, unless it went on meanwhile. One that cannot be helped never holds up another."""
        try:
            async with self._database.unit_of_work(organization_id, actor="payout-watch") as uow:
                row = await self._steps.lock(uow, report_id)
                holding = row["holding"]
                if stuck_at is not None and (holding["stuck_at"], holding["reminders"]) != (stuck_at, reminders):
                    return
                await act(uow, row)
                await uow.wake_workflow(self._steps.run(await self._steps.read(uow, report_id)))
        except BursarError as refusal:
            log.warning("payout_watch_refused", report_id=str(report_id), code=refusal.code)

    async def _remind(self, uow: UnitOfWork, row: FlowRow) -> None:
        holding = row["holding"]
        number = holding["reminders"] + 1
        await mail_payee(uow, row, "payout_reminder", f"{holding['attempt']}/{number}", holding["message"])
        await payouts.change_holding(uow, holding, "payee_reminded", reminders=number)
        if number == len(self._payee_after):
            summary = "The payee was reminded for the last time and has given no other payout method"
            await self._case(uow, row, "payout_unclaimed", summary)

    async def _tell_us(self, uow: UnitOfWork, row: FlowRow) -> None:
        await payouts.change_holding(uow, row["holding"], "operator_reminded", reminders=1)
        await self._case(uow, row, "payout_stuck", "A payout waits for an operator")

    async def _try_again(self, uow: UnitOfWork, row: FlowRow) -> None:
        holding = row["holding"]
        number = holding["reminders"] + 1
        if number == len(self._again_after):
            changed = {"must_act": "operator", "stuck_at": await uow.business_now(), "reminders": 0}
            await payouts.change_holding(uow, holding, "does_not_mend_itself", **changed)
            return
        await payouts.change_holding(uow, holding, "tried_again", reminders=number)
        await self._steps.command(uow, row, "retry", {})

    async def _silent(self, uow: UnitOfWork, row: FlowRow) -> None:
        attempt, holding = row["attempt"], row["holding"]
        if attempt is None or attempt["late_at"] or holding["state"] != PayoutState.SENT:
            return
        await payouts.change_attempt(uow, row["id"], attempt, "late", late_at=await uow.business_now())
        await self._case(uow, row, UNSETTLED, "The bank has not said for too long what became of a payout")

    async def _doubted(self, call_id: UUID, uow: UnitOfWork, row: FlowRow) -> None:
        call = await money_calls.get(uow, call_id)
        if call is None or call.state not in ("recorded", "sending", "unknown"):
            return
        summary = "Nobody knows for too long whether a step of a payout was done"
        evidence = {
            "money_call_id": call.id,
            "step": call.step,
            "state": call.state,
            "code": call.code,
            "message": call.message,
            "rail_reference": call.rail_reference,
        }
        await uow.open_case(queries.IN_DOUBT, self._steps.flow, row["id"], summary, evidence)

    async def _overdue(self, uow: UnitOfWork, row: FlowRow) -> None:
        attempt = row["attempt"]
        if attempt is None or attempt["overdue_at"] or attempt["due_at"] is None:
            return
        if not await queries.call_is_open(uow, row["id"], attempt["ordinal"]):
            return
        await payouts.change_attempt(uow, row["id"], attempt, "overdue", overdue_at=await uow.business_now())
        await self._case(uow, row, queries.WIRE_OVERDUE, "A payout that a person sends is overdue")
        owner = await operators.operator_of(uow, attempt["owner_id"])
        if owner is not None:
            holding = row["holding"]
            await mails.write(
                uow,
                "task_overdue",
                f"task-overdue/{attempt['id']}",
                TASK,
                row["id"],
                recipient=owner["email"],
                values={
                    "name": owner["name"],
                    "amount": str(Money(holding["amount"], holding["currency"])),
                    "report_id": public_id("rmr", row["id"]),
                    "due_at": attempt["due_at"].isoformat(timespec="minutes"),
                },
            )

    async def _case(self, uow: UnitOfWork, row: FlowRow, kind: str, summary: str) -> None:
        holding = row["holding"]
        evidence = {"code": holding["code"], "message": holding["message"], "attempt": holding["attempt"]}
        await uow.open_case(kind, self._steps.flow, row["id"], summary, evidence)

    async def _send(self) -> None:
        """Mails to owners of tasks; one that is not taken is tried at the next look."""
        async with self._database.across_organizations(actor="payout-watch") as uow:
            pending = await mails.pending_of(uow, TASK)
        for row in pending:
            try:
                await self._mail.send(SendMail(organization_id=row["organization_id"], mail_id=row["id"]))
            except ApplicationError as error:
                log.warning("mail_not_sent", mail_id=str(row["id"]), error=error.type)
