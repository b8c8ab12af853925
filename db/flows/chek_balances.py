"""When a Chek wallet is not what the books say: an operator decides to book what others moved, never we silently."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text, update

from db.queries import chek_wallet
from db.tables.case_file import case_file
from db.unit_of_work import UnitOfWork
from domain.chek_wallet import user_of
from domain.childcare_accounts import CHEK_CASH, family_unassigned, provider_wallet
from domain.errors import EvidenceMismatch, StateConflict
from domain.money_call import LedgerLine, MoneyCall, Outcome

ACCEPT_BALANCES = "accept_balances"


async def accept_balances(uow: UnitOfWork, call: MoneyCall | None, seen: Mapping[str, Any]) -> None:
    """Book the difference that stopped a call, and withdraw the call: the step is planned anew from the new books.

    `seen` is what the operator saw in the case, wallet to cents; it must be what the last reading said. The call was
    never sent and holds its wallets, so nobody else of ours moves them meanwhile.
    """
    if call is None or call.state != "recorded":
        raise StateConflict("nothing_to_accept", "No money call of this flow waits for its balances to be accepted.")
    reading = await _last_reading(uow, call)
    if dict(seen) != reading:
        raise EvidenceMismatch("These are not the balances that the case shows last.")
    await chek_wallet.lock_wallets(uow, reading)
    today = (await uow.business_now()).date()
    withdrawn = Outcome("refused", "books_accepted", "The books were brought to what the partner says.")
    await uow.money_calls.settle(call, withdrawn, by="cancel", effective_date=today)
    for wallet, balance in sorted(reading.items()):
        user = user_of(wallet) or ""
        difference = balance - await chek_wallet.posted(uow, user, call.money.currency)
        if difference == 0:
            continue
        account = await _account(uow, user)
        sides = (CHEK_CASH, account) if difference > 0 else (account, CHEK_CASH)
        await uow.ledger.post(
            f"{call.flow}/{call.flow_id}/movement/{call.id}/{wallet}",
            "moved_by_others",
            call.money.currency,
            [LedgerLine(*sides, abs(difference))],
            today,
            description=f"{wallet} was moved by others",
            fact=True,
        )
    await close_case(uow, call.flow, call.flow_id, "the balances were accepted")
    await uow.audit("books.accepted", call.flow, call.flow_id, {"money_call_id": call.id, "balances": reading})


async def _account(uow: UnitOfWork, chek_user_id: str) -> str:
    """Whose money others moved: the family's unassigned money where a family has the wallet, else the provider's."""
    owners = await chek_wallet.owners(uow, chek_user_id)
    if owners["family_id"] is not None:
        return family_unassigned(owners["family_id"])
    return provider_wallet(owners["provider_id"])


async def _last_reading(uow: UnitOfWork, call: MoneyCall) -> dict[str, int]:
    row = await uow.one_or_none(
        select(case_file.c.evidence).where(
            case_file.c.kind == "books_differ",
            case_file.c.subject_kind == call.flow,
            case_file.c.subject_id == str(call.flow_id),
            case_file.c.state == "open",
        )
    )
    readings = [
        item["balances"]
        for item in (row["evidence"] if row is not None else [])
        if item.get("money_call_id") == str(call.id)
    ]
    if not readings:
        raise StateConflict("nothing_to_accept", "No case shows other balances for this flow.")
    return dict(readings[-1])


async def close_case(
    uow: UnitOfWork, flow: str, flow_id: object, resolution: str, *, kind: str = "books_differ"
) -> None:
    """Close the flow's case of a kind, if one is open.

    That of balances is over when a call was sent: it has found them as the books say.
    """
    await uow.connection.execute(
        update(case_file)
        .where(
            case_file.c.kind == kind,
            case_file.c.subject_kind == flow,
            case_file.c.subject_id == str(flow_id),
            case_file.c.state == "open",
        )
        .values(state="closed", closed_at=text("clock_timestamp()"), resolution=resolution)
    )
