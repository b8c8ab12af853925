"""The flow `ach-debit`: one money step, CKC2 or CKS2, from a stored and verified account."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.money_calls.withdraw import withdraw_unsent
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.ach import AchState
from domain.calendar import settlement_date
from domain.errors import BursarError, LimitExceeded, StateConflict
from domain.ids import public_id
from domain.ledger_accounts import epx_in_transit, organization_uncleared
from domain.money import Money
from domain.money_call import Hold, LedgerLine, MoneyCall, NewMoneyCall, Outcome, Posting
from domain.server_post import server_post, tran_type

DEBIT = "debit"


def token_context(account_id: object) -> str:
    """What an account's encrypted storage BRIC is bound to."""
    return f"ach_account/{account_id}/storage_bric"


def require_debitable(account: FlowRow) -> None:
    """Refuse an account that may not be debited, naming why."""
    if not account["is_active"]:
        raise StateConflict("account_disabled", "The account is disabled.", field="account_id", who_must_act="payee")
    if account["state"] != "stored" or account["verification_state"] != "verified":
        raise StateConflict(
            "account_not_verified",
            "The account is not verified yet: its state is "
            f"{account['state']}, its verification {account['verification_state']}.",
            field="account_id",
            retry="later",
        )


async def require_within_limits(uow: UnitOfWork, merchant: FlowRow, money: Money, day: date) -> None:
    """Refuse what passes the merchant's limits. The merchant's row must be locked; the sum excludes the new debit."""
    if money.minor_units > merchant["per_transaction_limit"]:
        raise LimitExceeded("The amount is above the merchant's limit for one debit.", field="amount")
    taken = await queries.debited_on(uow, merchant["id"], day)
    if taken + money.minor_units > merchant["per_day_limit"]:
        raise LimitExceeded(
            "The amount passes what is left of the merchant's limit for the day.",
            field="amount",
            code="day_limit_exceeded",
        )


class AchDebitSteps:
    """What `ach-debit` records, and what the gateway's answer does to the transaction."""

    flow = "ach-debit"
    commands: frozenset[str] = frozenset({"cancel"})

    def __init__(self, *, cut_off: time) -> None:
        self._cut_off = cut_off

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The transaction's row, locked."""
        return await queries.get_transaction(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The transaction's row."""
        return await queries.get_transaction(uow, flow_id)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """A debit is tried once; another try is another debit."""
        del step
        return int(row["attempt"])

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """The Server Post, and the hold of money on its way in. Refused unless the account is still debitable."""
        if row["ach_state"] != AchState.CREATED:
            raise StateConflict("debit_not_open", f"The debit is {row['ach_state']}.")
        account = await queries.get_account(uow, row["account_id"])
        require_debitable(account)
        merchant = await queries.get_merchant(uow, row["merchant_id"])
        money = Money(row["amount"], row["currency"])
        operation = tran_type(account["account_type"], "debit")
        bric = uow.envelope.open(account["storage_bric"], context=token_context(account["id"])).decode()
        form = server_post(operation, money, merchant, await uow.business_now(), token=bric, sec=row["sec"])
        reference = await queries.next_tran_nbr(uow)
        await queries.change_transaction(
            uow,
            row["id"],
            "submitting",
            ach_state=AchState.SUBMITTING,
            tran_nbr=reference,
            batch_id=form["BATCH_ID"],
        )
        line = LedgerLine(epx_in_transit(), organization_uncleared(row["organization_id"]), money.minor_units)
        return NewMoneyCall(
            step=step,
            ordinal=self.ordinal(row, step),
            rail="epx",
            operation=operation,
            rail_reference=reference,
            money=money,
            request=form,
            hold=Hold("ach_debit", (line,), f"ACH debit {public_id('achtx', row['id'])}"),
        )

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """`accepted` means taken in by the gateway, not paid; it settles on a banking day to come."""
        now = await uow.business_now()
        taken = outcome.state == "applied"
        state = AchState.ACCEPTED if taken else AchState.DECLINED
        if not taken and outcome.code in ("not_found", "cancelled"):
            state = AchState.NOT_FOUND if outcome.code == "not_found" else AchState.CANCELED
        answered = outcome.code if outcome.code not in ("not_found", "cancelled", "resolved") else None
        await queries.change_transaction(
            uow,
            row["id"],
            state.value,
            ach_state=state,
            auth_resp=answered,
            auth_resp_text=outcome.message,
            auth_guid=outcome.rail_id if taken else None,
            code=None if taken else outcome.code,
            message=None if taken else outcome.message,
            must_act=None if taken else outcome.must_act,
            processed_at=now,
            settles_on=settlement_date(now, self._cut_off) if taken else None,
        )
        if taken:
            await queries.change_account(uow, row["account_id"], "used", last_used_at=now)
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """The debit was refused before anything was sent: it certainly did not happen."""
        del step
        if row["ach_state"] == AchState.CREATED:
            await queries.change_transaction(
                uow,
                row["id"],
                "refused",
                ach_state=AchState.CANCELED,
                code=refusal.code,
                message=refusal.message,
                must_act="operator",
                processed_at=await uow.business_now(),
            )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`cancel` works until the debit is handed to the gateway; after that it is a void (or a refund)."""
        del arguments
        if row["ach_state"] not in (AchState.CREATED, AchState.SUBMITTING):
            raise StateConflict("already_submitted", f"The debit is {row['ach_state']}: it cannot be cancelled.")
        await withdraw_unsent(uow, self.flow, row["id"], DEBIT, self.ordinal(row, DEBIT))
        await queries.change_transaction(
            uow, row["id"], name, ach_state=AchState.CANCELED, code="cancelled", processed_at=await uow.business_now()
        )

    def run(self, row: FlowRow) -> WorkflowRun:
        """`ach-debit/<id>`."""
        organization = row["organization_id"]
        shown = public_id("achtx", row["id"])
        return WorkflowRun(
            workflow="ach-debit",
            workflow_id=f"ach-debit/{row['id']}",
            restart_id=f"ach-debit/{row['id']}/{row['attempt'] + 1}",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": str(organization),
                "Flow": self.flow,
                "Subject": shown,
                "Payee": row["customer_id"],
                "State": row["ach_state"],
            },
            summary=f"ACH debit {Money(row['amount'], row['currency'])}",
            path=f"/v1/ach-debits/{shown}",
        )
