"""What the gateway tells of entries and accounts, whenever it comes: on their way, settled, returned, wrong data."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.ach_account import is_over as account_is_over
from db.flows.ach_change_notice import change_notified
from db.flows.ach_entry import originate_entry, settle_entry
from db.flows.ach_return import AchReturns
from db.flows.base import FlowRow, FlowSteps
from db.money_calls.row import read_money_call
from db.queries import ach as queries
from db.queries import ach_owner as owners
from db.queries import ach_return as returns
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.ach import CAME_BACK, UNDER_WAY, AchState
from domain.errors import StateConflict
from domain.inbox import InboxEvent, Verdict
from domain.money_call import OPEN_STATES
from domain.return_notice import ReturnNotice, read_notice
from domain.settlement_notice import settlement_day

_ABOUT_MONEY = ("return", "noc")
_UNKNOWN = "no entry of ours has this AUTH_GUID or TRAN_NBR"
_ACCOUNT_FLOWS = ("ach-account", "ach-account-change")


class EpxEvents:
    """Originations, settlements, returns and notifications of change."""

    def __init__(self, flows: Mapping[str, FlowSteps], returns: AchReturns) -> None:
        self._flows = flows
        self._returns = returns

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        """The organization whose entry the event speaks of; for a return of none, whose terminal it came to."""
        call = await money_calls.by_rail(uow, "epx", event.subject, event.reference or "")
        owner: UUID | None = None if call is None else call["organization_id"]
        if owner is None and event.kind in _ABOUT_MONEY:
            owner = await owners.of_terminal(uow, read_notice(event).terminal)
        return owner or Verdict("wait", _UNKNOWN)

    async def apply(self, uow: UnitOfWork, event: InboxEvent) -> Verdict:
        """Apply it to the flow's row; what does not fit becomes a case, never a guess."""
        call = await money_calls.by_rail(uow, "epx", event.subject, event.reference or "")
        if event.kind in _ABOUT_MONEY:
            notice = read_notice(event)
            why = _UNKNOWN if call is None else notice.disagrees_with(read_money_call(call, uow.envelope))
            if call is None or why is not None:
                return await self._returns.unmatched(uow, event, notice, why or _UNKNOWN)
            await returns.find(uow, event.id, lock=True)  # a row under which it waited: locked before the entry
        if call is None:
            return Verdict("wait", _UNKNOWN)
        if call["state"] in OPEN_STATES:
            return Verdict("wait", "the money call is not settled yet")
        if event.kind not in _ABOUT_MONEY and call["flow"] in _ACCOUNT_FLOWS:
            return Verdict("processed", "prenote on its way")  # nothing changes: nobody is woken
        flow = self._flows[call["flow"]]
        row = await flow.lock(uow, call["flow_id"])
        if event.kind in _ABOUT_MONEY:
            verdict = await self._told(uow, event, read_notice(event), call, row)
        else:
            verdict = await self._moved(uow, event, call, row)
        if verdict.kind != "wait":
            if event.kind in _ABOUT_MONEY:
                await owners.close_unmatched(uow, event.id)
            if not _is_over(call["flow"], row):
                await uow.wake_workflow(flow.run(row))
        return verdict

    async def _told(
        self, uow: UnitOfWork, event: InboxEvent, notice: ReturnNotice, call: RowMapping, row: FlowRow
    ) -> Verdict:
        of_account = call["flow"] in _ACCOUNT_FLOWS
        account_id = row["id"] if call["flow"] == "ach-account" else row["account_id"]
        if event.kind == "noc":
            return await change_notified(uow, event, notice, account_id, None if of_account else row["id"])
        if not of_account:
            return await self._returns.entry_returned(uow, event, notice, call["id"], row)
        account = await queries.get_account(uow, account_id, lock=True)
        return await self._returns.prenote_returned(uow, event, notice, call["id"], account)

    @staticmethod
    async def _moved(uow: UnitOfWork, event: InboxEvent, call: RowMapping, row: FlowRow) -> Verdict:
        if AchState(row["ach_state"]) in CAME_BACK:
            # heard of after the return, which took back whatever there was: settled and returned cancel out
            if event.kind == "settled" and row["settled_at"] is None:
                now = await uow.business_now()
                heard: dict[str, object] = {"settled_at": now, "settled_on": settlement_day(event.payload, now)}
                await queries.change_transaction(uow, row["id"], "settled_before", **heard)
            return Verdict("processed", "it came back meanwhile")
        try:
            if event.kind == "originated":
                await originate_entry(uow, row)
            else:
                await settle_entry(uow, row, call["id"], settlement_day(event.payload, await uow.business_now()))
        except StateConflict as conflict:
            return await _contradicted(uow, event, row, conflict)
        return Verdict("processed")


def _is_over(flow: str, row: FlowRow) -> bool:
    """Whether the flow was over before the event: then nothing that the gateway tells makes its workflow go on.

    Its end itself is never missed: the workflow came to it, or was woken by whoever wrote it.
    """
    if flow == "ach-account":
        return account_is_over(row)
    if flow == "ach-account-change":
        return bool(row["state"] != "pending")
    return row["ach_state"] not in UNDER_WAY


async def _contradicted(uow: UnitOfWork, event: InboxEvent, row: FlowRow, conflict: StateConflict) -> Verdict:
    """The entry moves, though it cannot: where it counts as without effect, the bank knows better."""
    denied = AchState(row["ach_state"]) in (AchState.DECLINED, AchState.NOT_FOUND, AchState.CANCELED)
    kind = "contradiction" if denied else "event_does_not_fit"
    summary = conflict.message
    if denied:
        summary = (
            f"The gateway reports the entry as {event.kind}, though here it is {row['ach_state']}"
            f" (by {row['code'] or 'nobody'}): the bank moves its money, and the books do not show it."
        )
    evidence = {"event_id": event.event_id, "kind": event.kind, "tran_nbr": event.reference, "amount": row["amount"]}
    await uow.open_case(kind, queries.flow_of(row), row["id"], summary, evidence)
    return Verdict("processed", alert=f"{kind} {event.kind}")
