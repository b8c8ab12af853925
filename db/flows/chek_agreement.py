"""Steps that stopped because a wallet was not what the books said, once the books say the same."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select

from db.flows.base import FlowSteps
from db.flows.chek_balances import ACCEPT_BALANCES
from db.queries import chek_wallet
from db.tables.case_file import case_file
from db.unit_of_work import UnitOfWork
from domain.chek_wallet import user_of

CURRENCY = "USD"


async def differing(uow: UnitOfWork) -> list[RowMapping]:
    """The open cases about wallets that are not what the books say, oldest first."""
    return await uow.all(
        select(case_file)
        .where(case_file.c.kind == "books_differ", case_file.c.state == "open")
        .order_by(case_file.c.opened_at)
    )


async def agree_again(uow: UnitOfWork, flows: Mapping[str, FlowSteps], case: Mapping[Any, Any]) -> bool:
    """Plan the case's step anew where the books have come to what it shows: nothing is left to accept.

    Raises StateConflict or EvidenceMismatch where the step moved on meanwhile.
    """
    steps = flows.get(case["subject_kind"])
    readings = [item["balances"] for item in case["evidence"] if "balances" in item]
    if steps is None or ACCEPT_BALANCES not in steps.commands or not readings:
        return False
    row = await steps.lock(uow, UUID(case["subject_id"]))
    await chek_wallet.lock_wallets(uow, readings[-1])
    for wallet, balance in readings[-1].items():
        if balance != await chek_wallet.posted(uow, user_of(wallet) or "", CURRENCY):
            return False
    await steps.command(uow, row, ACCEPT_BALANCES, {"balances": readings[-1]})
    await uow.wake_workflow(steps.run(await steps.read(uow, row["id"])))
    return True
