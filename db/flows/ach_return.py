"""What a return does: to the entry and its ledger lines, the account, the authorization, and whether it is sent again.

Runs in the unit of work of the inbox event that told it, with the flow's row locked. Told twice, in any order, by feed,
file or API: the entry comes back once. What does not fit is kept and becomes a case, never a guess.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.flows.ach_entry import return_entry
from db.flows.ach_reinitiation import AchReturnSteps
from db.flows.base import FlowRow
from db.queries import ach as accounts
from db.queries import ach_authorization as authorizations
from db.queries import ach_return as queries
from db.unit_of_work import UnitOfWork
from domain.ach import CAME_BACK, AchEvent, AchState, advance
from domain.calendar import NEW_YORK
from domain.errors import StateConflict
from domain.inbox import InboxEvent, Verdict
from domain.return_codes import ReturnCode, return_code
from domain.return_notice import ReturnNotice
from domain.return_policy import AccountEffect, Circumstances, Decision, Kind, decide, kind_of

MESSAGES = {Kind.DISHONOR: AchEvent.DISHONOR, Kind.CONTEST: AchEvent.CONTEST}
SAME_RETURN = "the same return as "
"""Begins the note of an event that told what was told before; the return's id follows."""


class AchReturns:
    """Applies what the policy decides. `pause_banking_days`: from a return for lack of funds to the next try."""

    def __init__(self, *, pause_banking_days: int) -> None:
        self._pause = pause_banking_days

    async def entry_returned(
        self, uow: UnitOfWork, event: InboxEvent, notice: ReturnNotice, call_id: UUID, row: FlowRow
    ) -> Verdict:
        """A live entry came back, or a message about its return arrived. The entry's row is locked."""
        if (known := await queries.of_entry(uow, call_id, notice.code)) is not None:
            return Verdict("processed", f"{SAME_RETURN}{known['id']}")
        rule, kind = return_code(notice.code), kind_of(notice.code)
        state = AchState(row["ach_state"])
        facts = await self._facts(uow, event, notice, rule) | {
            "money_call_id": call_id,
            "transaction_id": row["id"],
            "account_id": row["account_id"],
            "merchant_id": row["merchant_id"],
            "direction": row["direction"],
        }
        if kind is not Kind.RETURN:
            return await self._message(uow, event, facts, row, kind)
        try:
            advance(state, AchEvent.RETURN)
        except StateConflict as conflict:
            why = "It came back before, for another reason." if state in CAME_BACK else conflict.message
            return await self._does_not_fit(uow, event, facts, row, "second_return" if state in CAME_BACK else "", why)
        decision = decide(rule, await self._circumstances(uow, row), pause_banking_days=self._pause)
        await self._carry_out(uow, event, facts, row, rule, decision)
        # locks balances, so it comes last
        await return_entry(uow, row, notice.code, call_id, must_act=decision.must_act)
        return Verdict("processed", alert=_said(decision.case, notice.code))

    async def prenote_returned(
        self, uow: UnitOfWork, event: InboxEvent, notice: ReturnNotice, call_id: UUID, account: FlowRow
    ) -> Verdict:
        """The bank does not know the account: it is never debited, whatever was concluded meanwhile."""
        if (known := await queries.of_entry(uow, call_id, notice.code)) is not None:
            return Verdict("processed", f"{SAME_RETURN}{known['id']}")
        rule, verified = return_code(notice.code), account["verification_state"] == "verified"
        facts = await self._facts(uow, event, notice, rule) | {
            "money_call_id": call_id,
            "account_id": account["id"],
            "merchant_id": account["merchant_id"],
            "prenote": True,
        }
        await queries.put(
            uow,
            {
                **facts,
                "state": "decided",
                "decided_at": await uow.business_now(),
                "account_effect": AccountEffect.DISABLE,
                "reason": "the prenote came back",
                "must_act": "payee",
            },
        )
        await accounts.change_account(
            uow,
            account["id"],
            "prenote_returned",
            verification_state="revoked" if verified else "failed",
            is_active=False,
            return_count=account["return_count"] + 1,
            code=notice.code,
            message=rule.title,
            must_act="payee",
        )
        if not rule.known:
            await self._case(uow, event, "ach-account", account["id"], "unknown_return_code", rule, notice.tran_nbr)
        return Verdict("processed", alert=_said(None if rule.known else "unknown_return_code", rule.code))

    async def unmatched(self, uow: UnitOfWork, event: InboxEvent, notice: ReturnNotice, why: str) -> Verdict:
        """Keep it, tell a person at once, and look again: its entry may become known later."""
        standing = await queries.find(uow, event.id)
        if standing is not None and standing["state"] == "dismissed":
            return Verdict("ignored", "dismissed by a person")
        if standing is None:
            facts = await self._facts(uow, event, notice, return_code(notice.code))
            await queries.put(uow, {**facts, "state": "unmatched", "reason": why, "must_act": "operator"})
            await uow.open_case(
                "unmatched_return",
                "ach-return",
                event.id,
                f"A return {notice.code} speaks of no entry of ours: {why}.",
                _evidence(event, notice),
            )
            await _alert(uow, event, "unmatched_return", notice.code, {"tran_nbr": notice.tran_nbr})
        alert = _said("unmatched_return", notice.code) if standing is None else ""
        return Verdict("wait", why, told=True, alert=alert)

    async def _facts(
        self, uow: UnitOfWork, event: InboxEvent, notice: ReturnNotice, rule: ReturnCode
    ) -> dict[str, Any]:
        return {
            "id": event.id,
            "kind": kind_of(notice.code),
            "came_by": notice.came_by,
            "code": notice.code,
            "category": rule.category,
            "auth_guid": notice.auth_guid,
            "tran_nbr": notice.tran_nbr,
            "addenda": notice.addenda,
            "returned_on": notice.returned_on,
            "received_at": await uow.business_now(),
        }

    async def _circumstances(self, uow: UnitOfWork, row: FlowRow) -> Circumstances:
        first = await queries.first_entry(uow, row)
        merchant = await accounts.get_merchant(uow, row["merchant_id"])
        wanted = merchant["reinitiate_returns"] if first["reinitiate"] is None else first["reinitiate"]
        before = await queries.payments_returned(uow, row["account_id"])
        return Circumstances(
            direction=row["direction"],
            reinitiation_wanted=wanted,
            reinitiations=row["retry_number"],
            payments_returned=before + (row["retry_of"] is None),
            original_settlement=queries.settled_on(first),
            today=(await uow.business_now()).astimezone(NEW_YORK).date(),
            refunded=await queries.refunded(uow, row["id"]) > 0,
        )

    async def _carry_out(
        self,
        uow: UnitOfWork,
        event: InboxEvent,
        facts: Mapping[str, Any],
        row: FlowRow,
        rule: ReturnCode,
        decision: Decision,
    ) -> None:
        lost = await queries.refunded(uow, row["id"]) if decision.loss else 0
        revoked = decision.revoke_authorization and await revoke_authorization(uow, row, rule)
        if row["authorization_id"] is not None:  # its customer is told
            await uow.wake_workflow(authorizations.run_of(await authorizations.get(uow, row["authorization_id"])))
        decided = {
            **facts,
            "state": "decided",
            "decided_at": await uow.business_now(),
            "account_effect": decision.account,
            "authorization_revoked": revoked,
            "loss_amount": lost,
            "reason": decision.reason,
            "must_act": decision.must_act,
        }
        if decision.reinitiate_on is not None:
            decided |= {"reinitiation_state": "planned", "reinitiate_on": decision.reinitiate_on}
        await queries.put(uow, decided)
        await self._account(uow, row["account_id"], rule, decision.account)
        if decision.case is not None:
            await self._case(
                uow, event, accounts.flow_of(row), row["id"], decision.case, rule, row["tran_nbr"], lost=lost
            )
        if decision.reinitiate_on is not None:
            await uow.start_workflow(AchReturnSteps().run(await queries.get(uow, event.id)))

    async def _account(self, uow: UnitOfWork, account_id: UUID, rule: ReturnCode, effect: AccountEffect) -> None:
        """Count it, and say on the account itself by which return it cannot be used any more, and who mends that."""
        account = await accounts.get_account(uow, account_id, lock=True)
        values: dict[str, Any] = {"return_count": account["return_count"] + 1}
        disabled = not account["is_active"] and account["hold_code"] is None
        if effect is not AccountEffect.NONE and not (disabled and effect is AccountEffect.HOLD):
            # a hold never makes a disabled account one that can be released
            held = effect is AccountEffect.HOLD
            values |= {"is_active": False, "hold_code": rule.code if held else None}
            values |= {"code": rule.code, "message": rule.title, "must_act": "operator" if held else "payee"}
        await accounts.change_account(uow, account_id, "entry_returned", **values)

    async def _message(
        self, uow: UnitOfWork, event: InboxEvent, facts: Mapping[str, Any], row: FlowRow, kind: Kind
    ) -> Verdict:
        """Dishonored and contested returns: the banks argue about a return that stands. No money moves by it."""
        state = AchState(row["ach_state"])
        too_early = state not in CAME_BACK or (kind is Kind.CONTEST and state is AchState.RETURNED)
        if too_early:
            return Verdict("wait", "what it answers is not here yet")
        if (kind is Kind.DISHONOR) is not (state is AchState.RETURNED):
            return await self._does_not_fit(uow, event, facts, row, "", f"An entry that is {state} cannot {kind}.")
        rule = return_code(facts["code"])
        after = advance(state, MESSAGES[kind])
        await queries.put(
            uow,
            {
                **facts,
                "state": "decided",
                "decided_at": await uow.business_now(),
                "account_effect": AccountEffect.NONE,
                "reason": rule.remedy,
                "must_act": "operator",
            },
        )
        await accounts.change_transaction(uow, row["id"], after.value, ach_state=after)
        await self._case(uow, event, accounts.flow_of(row), row["id"], "return_disputed", rule, row["tran_nbr"])
        return Verdict("processed", alert=_said("return_disputed", rule.code))

    async def _does_not_fit(
        self, uow: UnitOfWork, event: InboxEvent, facts: Mapping[str, Any], row: FlowRow, kind: str, why: str
    ) -> Verdict:
        await queries.put(uow, {**facts, "state": "does_not_fit", "reason": why, "must_act": "operator"})
        rule = return_code(facts["code"])
        await self._case(
            uow,
            event,
            accounts.flow_of(row),
            row["id"],
            kind or "event_does_not_fit",
            rule,
            row["tran_nbr"],
            why=why,
        )
        return Verdict("processed", why, alert=_said(kind or "event_does_not_fit", rule.code))

    @staticmethod
    async def _case(
        uow: UnitOfWork,
        event: InboxEvent,
        subject_kind: str,
        subject_id: UUID,
        kind: str,
        rule: ReturnCode,
        tran_nbr: str | None,
        *,
        lost: int = 0,
        why: str = "",
    ) -> None:
        said = _SUMMARY.get(kind, "A return needs a person")
        evidence: dict[str, Any] = {
            "return_id": event.id,
            "code": rule.code,
            "tran_nbr": tran_nbr,
            "remedy": rule.remedy,
        }
        if lost:
            evidence["lost_minor_units"] = lost
        summary = f"{said}: {rule.code} ({rule.title})." + (f" {why}" if why else "")
        await uow.open_case(kind, subject_kind, subject_id, summary, evidence)
        await _alert(uow, event, kind, rule.code, {"subject_kind": subject_kind, "subject_id": subject_id})


async def _alert(uow: UnitOfWork, event: InboxEvent, case: str, code: str, about: Mapping[str, Any]) -> None:
    """Tell the organization at once that a person must look: an event of its own, besides the return's."""
    await uow.tell("ach_return.alert", "ach-return", event.id, {"code": code, "case": case, **about})


def _said(case: str | None, code: str) -> str:
    """What is said aloud of a return that a person must see; nothing of others."""
    return "" if case is None else f"{case} {code}"


_SUMMARY = {
    "unknown_return_code": "A return has a code that is not in the table; the account is on hold",
    "account_on_hold": "A return put the account on hold until it is released",
    "return_alert": "The account holder, or the bank, says that this debit must not be repeated",
    "return_review": "A return is to be reviewed: the fault may be ours",
    "return_after_refund": "The debit came back after it was refunded: the money was paid twice",
    "return_disputed": "The banks dispute a return; see what the settlement account shows",
    "second_return": "A second return of one entry",
    "event_does_not_fit": "A return does not fit the entry's state",
}


async def revoke_authorization(uow: UnitOfWork, row: FlowRow, rule: ReturnCode) -> bool:
    """End the authorization that the entry was made under; False where there is none on record, or it had ended.

    Either way the account is disabled by the same return, so that nothing is debited under what was revoked.
    """
    if row["authorization_id"] is None:
        return False
    return await authorizations.revoke(uow, row["authorization_id"], f"{rule.code} ({rule.title})")


def _evidence(event: InboxEvent, notice: ReturnNotice) -> dict[str, Any]:
    return {
        "return_id": event.id,
        "came_by": notice.came_by,
        "code": notice.code,
        "auth_guid": notice.auth_guid,
        "tran_nbr": notice.tran_nbr,
        "amount": notice.amount,
        "returned_on": notice.returned_on,
        "received_at": event.received_at,
    }
