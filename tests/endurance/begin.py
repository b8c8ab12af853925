"""How each kind of flow is begun through the API, and what else a caller or an operator does with it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.endurance import authorizations, onboardings, pay_runs, wires
from tests.endurance.chance import Deed, Kind
from tests.endurance.scenery import NotBegunError, Scenery

REFUSED_DEBIT = 151
RETURNS, RETURNS_ONCE, PRENOTE_RETURNS, IS_CORRECTED = "9201", "9501", "9302", "9101"
"""Ends of account numbers: debits, or the first, come back as R01, the prenote as R02, the bank corrects the number."""
ACCOUNTS = ("", "", "", PRENOTE_RETURNS, IS_CORRECTED, IS_CORRECTED)
Begins = Callable[[Scenery, Deed], Awaitable[str]]


@dataclass
class Begun:
    """A flow that the API acknowledged."""

    kind: Kind
    path: str
    asked: list[str] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict, repr=False)
    """Its document, when it was last read."""

    @property
    def id(self) -> UUID:
        """The flow's id in the database."""
        return UUID(hex=self.path.rsplit("_", 1)[1])

    @property
    def state(self) -> str:
        """Of the document that was last read."""
        if self.kind == "allocation":
            return str(self.seen["funding_state"])
        if self.kind.endswith("_reimbursement"):
            payout = self.seen["payout"]
            return str(payout["state"] if payout else self.seen["state"])
        return str(self.seen.get("ach_state") or self.seen["state"])


async def begin(scenery: Scenery, deed: Deed) -> Begun:
    """Start it. Raises NotBegunError."""
    return Begun(deed.kind, await _BEGINS[deed.kind](scenery, deed))


async def _debit(scenery: Scenery, deed: Deed, account: str = "checking", **more: Any) -> str:
    body = {"account_id": scenery.accounts[account], "amount": deed.amount, "currency": "USD", **more}
    return f"/v1/ach-debits/{(await scenery.system.post('/v1/ach-debits', body))['id']}"


async def _savings_debit(scenery: Scenery, deed: Deed) -> str:
    return await _debit(scenery, deed, "savings")


async def _returned_debit(scenery: Scenery, deed: Deed) -> str:
    """Every other one is sent again by itself, from an account that serves for nothing else."""
    again = bool(deed.which % 2)
    account, number = ("returning_once", RETURNS_ONCE) if again else ("returning", RETURNS)
    try:
        path = await _debit(scenery, deed, account, reinitiate=again)
    except AssertionError as refused:
        if "account_disabled" in str(refused):  # too much of it came back: the customer names another one
            scenery.accounts[account] = await scenery.another_account(number)
            raise NotBegunError("an account was disabled by its returns") from None
        if "account_not_verified" in str(refused):
            raise NotBegunError("the other account is not stored yet") from None
        raise
    if again:
        scenery.accounts[account] = await scenery.another_account(number)
    return path


async def _declined_debit(scenery: Scenery, deed: Deed) -> str:
    return await _debit(scenery, deed, amount=REFUSED_DEBIT)


async def _account(scenery: Scenery, deed: Deed) -> str:
    return f"/v1/ach-accounts/{await scenery.another_account(ACCOUNTS[deed.which % len(ACCOUNTS)])}"


async def _voided_debit(scenery: Scenery, deed: Deed) -> str:
    """The debit is what is begun; its void is asked for once the gateway has it."""
    return await _debit(scenery, deed)


async def _payout(scenery: Scenery, deed: Deed) -> str:
    return await _credit(scenery, deed, account_id=scenery.accounts["savings"])


async def _refund(scenery: Scenery, deed: Deed) -> str:
    return await _credit(scenery, deed, parent_transaction_id=scenery.settled[0])


async def _credit(scenery: Scenery, deed: Deed, **of: str) -> str:
    body = {**of, "amount": deed.amount, "currency": "USD"}
    return f"/v1/ach-credits/{(await scenery.system.post('/v1/ach-credits', body))['id']}"


async def _provider_payment(scenery: Scenery, deed: Deed) -> str:
    chosen = scenery.spend(deed.which, deed.amount)
    provider = scenery.providers[deed.which // 7 % len(scenery.providers)]
    try:
        lump_sum = await scenery.town.lump_sum(chosen.allocation, provider, deed.amount)
        return f"/v1/provider-payments/{(await scenery.town.pay_lump(lump_sum, wait=0))['id']}"
    except AssertionError as refused:
        if "allocation_unfunded" in str(refused):
            raise NotBegunError("the budget is not funded yet") from None
        raise


async def _reclaim(scenery: Scenery, deed: Deed) -> str:
    chosen = scenery.spend(deed.which, deed.amount)
    body = {"allocation_id": chosen.allocation["id"], "amount": deed.amount, "reason": "Not needed."}
    try:
        return f"/v1/reclaims/{(await scenery.system.post('/v1/reclaims', body))['id']}"
    except AssertionError as refused:
        if "allocation_unfunded" in str(refused):
            raise NotBegunError("the budget is not funded yet") from None
        raise


async def _allocation(scenery: Scenery, deed: Deed) -> str:
    family = scenery.budgets[deed.which % len(scenery.budgets)].family
    return f"/v1/allocations/{(await scenery.new_budget(family)).allocation['id']}"


def _reimbursement(method: str) -> Begins:
    async def approve(scenery: Scenery, deed: Deed) -> str:
        return f"/v1/reports/{await scenery.people[method].approved(deed.amount)}"

    return approve


_BEGINS: Mapping[Kind, Begins] = {
    "debit": _debit,
    "savings_debit": _savings_debit,
    "returned_debit": _returned_debit,
    "declined_debit": _declined_debit,
    "voided_debit": _voided_debit,
    "payout": _payout,
    "refund": _refund,
    "provider_payment": _provider_payment,
    "reclaim": _reclaim,
    "allocation": _allocation,
    "ach_reimbursement": _reimbursement("ach"),
    "check_reimbursement": _reimbursement("check"),
    "paypal_reimbursement": _reimbursement("paypal"),
    "wire_reimbursement": wires.begin,
    "account": _account,
    "authorization": authorizations.begin,
    "onboarding": onboardings.begin,
    "pay_run": pay_runs.begin,
}
