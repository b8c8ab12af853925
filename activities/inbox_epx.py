"""What the gateway's settlement and return events do to ACH transactions and accounts, whenever they come."""

import json
from collections.abc import Mapping
from uuid import UUID

from db.flows.ach_entry import originate_entry, return_entry, settle_entry
from db.flows.base import FlowRow, FlowSteps
from db.queries import ach as queries
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.ach import AchEvent, AchState, advance
from domain.errors import StateConflict
from domain.inbox import InboxEvent, Verdict
from domain.money_call import OPEN_STATES
from domain.return_codes import return_code

RETURNS_THAT_DISABLE = 2
"""Returns on distinct entries after which an account is disabled whatever their codes (seed 003, section 2)."""


class EpxEvents:
    """Originations, settlements, returns and notifications of change."""

    def __init__(self, flows: Mapping[str, FlowSteps]) -> None:
        self._flows = flows

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        """The organization whose money call the event speaks of."""
        call = await money_calls.by_rail(uow, "epx", event.subject, event.reference or "")
        if call is None:
            return Verdict("wait", "no money call of ours has this AUTH_GUID or TRAN_NBR")
        owner: UUID = call["organization_id"]
        return owner

    async def apply(self, uow: UnitOfWork, event: InboxEvent) -> Verdict:
        """Apply it to the flow's row; what does not fit becomes a case, never a guess."""
        call = await money_calls.by_rail(uow, "epx", event.subject, event.reference or "")
        if call is None:
            return Verdict("wait", "no money call of ours has this AUTH_GUID or TRAN_NBR")
        if call["state"] in OPEN_STATES:
            return Verdict("wait", "the money call is not settled yet")
        flow = self._flows[call["flow"]]
        row = await flow.lock(uow, call["flow_id"])
        if event.kind == "noc":
            await self._case(uow, row, event, "notification_of_change", "The receiving bank asks for a correction")
        elif call["flow"] == "ach-account":
            if event.kind != "return":
                return Verdict("processed", "prenote on its way")
            await self._prenote_returned(uow, row, event)
        else:
            try:
                await self._moved(uow, row, event, call["id"])
            except StateConflict as conflict:
                await self._case(uow, row, event, "event_does_not_fit", conflict.message)
        await uow.wake_workflow(flow.run(row))
        return Verdict("processed")

    async def _moved(self, uow: UnitOfWork, row: FlowRow, event: InboxEvent, call_id: UUID) -> None:
        if event.kind == "originated":
            await originate_entry(uow, row)
        elif event.kind == "settled":
            await settle_entry(uow, row, call_id)
        else:
            await self._returned(uow, row, event, call_id)

    async def _returned(self, uow: UnitOfWork, row: FlowRow, event: InboxEvent, call_id: UUID) -> None:
        code = json.loads(event.payload)["RETURN_CODE"]
        rule = return_code(code)
        advance(AchState(row["ach_state"]), AchEvent.RETURN)  # before anything is written
        account = await queries.get_account(uow, row["account_id"], lock=True)
        count = account["return_count"] + 1
        disable = rule.disables_account or count >= RETURNS_THAT_DISABLE
        await queries.change_account(
            uow, account["id"], "entry_returned", return_count=count, is_active=account["is_active"] and not disable
        )
        if not rule.known:
            await self._case(uow, row, event, "unknown_return_code", f"Return code {code} is not in the table")
        await return_entry(uow, row, code, call_id)

    async def _prenote_returned(self, uow: UnitOfWork, row: FlowRow, event: InboxEvent) -> None:
        """The bank does not know the account: never debit it, whatever was concluded meanwhile."""
        code = json.loads(event.payload)["RETURN_CODE"]
        verified = row["verification_state"] == "verified"
        await queries.change_account(
            uow,
            row["id"],
            "prenote_returned",
            verification_state="revoked" if verified else "failed",
            is_active=False,
            return_count=row["return_count"] + 1,
            code=code,
            message=return_code(code).title,
            must_act="payee",
        )

    @staticmethod
    async def _case(uow: UnitOfWork, row: FlowRow, event: InboxEvent, kind: str, summary: str) -> None:
        await uow.open_case(
            kind,
            queries.flow_of(row) if "ach_state" in row else "ach-account",
            row["id"],
            summary,
            {"event_id": event.event_id, "kind": event.kind, "tran_nbr": event.reference},
        )
