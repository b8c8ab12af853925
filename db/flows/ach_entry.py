"""What the gateway's later reports do to an ACH entry: originated, settled, come back. All are facts, always booked.

The row must be locked. Whoever calls has found the entry's money call and decides what else follows from a return
(the account, the authorization, another try); here are only the entry's own row and its ledger lines. As each ends with
the ledger, which locks balances, it comes last in its unit of work.
"""

from datetime import date
from uuid import UUID

from db.flows.ach_original import withdraw_children
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ach import AchEvent, AchState, advance
from domain.ach_ledger import return_lines, settlement_lines
from domain.money_call import LedgerLine
from domain.return_codes import return_code


async def originate_entry(uow: UnitOfWork, row: FlowRow) -> None:
    """The gateway handed it to the network. Raises StateConflict where that cannot be; after `settled` it says nothing.

    The feed's order does not matter: a settlement may be heard of first.
    """
    if row["ach_state"] != AchState.SETTLED:
        after = advance(AchState(row["ach_state"]), AchEvent.ORIGINATE)
        await queries.change_transaction(uow, row["id"], after.value, ach_state=after)


async def settle_entry(uow: UnitOfWork, row: FlowRow, call_id: UUID, settled_on: date) -> None:
    """The bank settled it on that day; it may still come back. Raises StateConflict where that cannot be."""
    after = advance(AchState(row["ach_state"]), AchEvent.SETTLE)
    now = await uow.business_now()
    await queries.change_transaction(
        uow, row["id"], after.value, ach_state=after, settled_at=now, settled_on=settled_on
    )
    await _post(uow, row, call_id, "ach_settlement", settlement_lines(row))


async def return_entry(uow: UnitOfWork, row: FlowRow, code: str, call_id: UUID, *, must_act: str) -> None:
    """The money goes back where it came from; `must_act` says who acts next. Raises StateConflict where that cannot be.

    What the organization cannot bear of a returned debit becomes a receivable. Refunds and voids of it that were not
    handed over yet are taken back. A refund that came back leaves its debit to be refunded again.
    """
    after = advance(AchState(row["ach_state"]), AchEvent.RETURN)
    rule = return_code(code)
    await queries.change_transaction(
        uow,
        row["id"],
        after.value,
        ach_state=after,
        returned_at=await uow.business_now(),
        return_code=code,
        code=code,
        message=rule.title,
        must_act=must_act,
    )
    await uow.money_calls.returned(call_id)
    if row["direction"] == "debit":
        await withdraw_children(uow, row)
    await _post(uow, row, call_id, "ach_return", return_lines(row))


async def _post(uow: UnitOfWork, row: FlowRow, call_id: UUID, kind: str, lines: tuple[LedgerLine, ...]) -> None:
    flow = queries.flow_of(row)
    await uow.ledger.post(
        f"{flow}/{row['id']}/{call_id}/{kind}",
        kind,
        row["currency"],
        lines,
        (await uow.business_now()).date(),
        description=f"{kind} {row['tran_nbr']}",
        fact=True,
    )
