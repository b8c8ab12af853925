"""Returns as a client or an operator asks for them: tell one, release the account that one holds, dismiss one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update

from db.flows.ach_return import SAME_RETURN
from db.queries import ach as accounts
from db.queries import ach_account_change as changes
from db.queries import ach_return as queries
from db.queries import inbox
from db.tables.ach import ach_transaction
from db.tables.ach_return import ach_return
from db.tables.case_file import case_file
from db.tables.inbox import inbox_event
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, NotFound, StateConflict
from domain.ids import new_id
from domain.return_notice import received


async def tell(uow: UnitOfWork, told: Mapping[str, str]) -> UUID:
    """Store what a client tells of its own entries; returns the id under which it is, or was before, processed.

    `told` is a row of the feed's columns. The event's name is the client's own: it cannot take those of others.
    """
    event_id, said = new_id(), received(f"api/{uow.organization_id.hex}", told)
    event = replace(said, organization_id=uow.organization_id)
    if await inbox.store_as(uow, event_id, event):
        return event_id
    row = await uow.one_or_none(
        select(inbox_event.c.id).where(inbox_event.c.source == event.source, inbox_event.c.event_id == event.event_id)
    )
    if row is None:
        raise InvalidInput("event_id", "This event id is in use.", code="event_id_in_use")
    known: UUID = row["id"]
    return known


async def processed_as(uow: UnitOfWork, event_id: UUID) -> tuple[Literal["ret", "chg"], UUID] | None:
    """The return (its own, or the same one told before) or correction that an event led to; None until then."""
    found = await uow.one_or_none(
        select(ach_return.c.id).where(ach_return.c.id == event_id, ach_return.c.state != "dismissed")
    )
    if found is not None:
        return "ret", found["id"]
    if await changes.find(uow, event_id) is not None:
        return "chg", event_id
    event = await uow.one_or_none(select(inbox_event).where(inbox_event.c.id == event_id))
    if event is None:
        raise NotFound("ACH return")
    note = event["note"] or ""
    return ("ret", UUID(note.rsplit(" ", 1)[1])) if note.startswith(SAME_RETURN) else None


async def choose_reinitiation(uow: UnitOfWork, debit: RowMapping, wanted: bool | None) -> RowMapping:
    """Say of a new debit whether it is sent again after R01 or R09; None leaves it to the merchant."""
    if wanted is None:
        return debit
    await uow.connection.execute(
        update(ach_transaction).where(ach_transaction.c.id == debit["id"]).values(reinitiate=wanted)
    )
    return await accounts.get_transaction(uow, debit["id"])


async def release_hold(uow: UnitOfWork, return_id: UUID, reason: str) -> None:
    """A person has looked: the account that this return put on hold may be debited again. Closes the hold's case."""
    row = await queries.get(uow, return_id, lock=True)
    if row["account_effect"] != "hold" or row["hold_released_at"] is not None:
        raise StateConflict("no_hold", "This return holds no account (any more).")
    account = await accounts.get_account(uow, row["account_id"], lock=True)
    if account["hold_code"] is None:
        raise StateConflict("account_disabled", "The account was disabled by another return: store another one.")
    others = await uow.all(
        select(ach_return.c.id).where(
            ach_return.c.account_id == account["id"],
            ach_return.c.id != return_id,
            ach_return.c.account_effect == "hold",
            ach_return.c.hold_released_at.is_(None),
        )
    )
    if not others:
        free = {"is_active": True, "hold_code": None, "code": None, "message": None, "must_act": None}
        await accounts.change_account(uow, account["id"], "hold_released", **free)
    await queries.change(uow, return_id, "hold_released", hold_released_at=await uow.business_now())
    await uow.connection.execute(
        update(case_file)
        .where(
            case_file.c.kind.in_(("account_on_hold", "unknown_return_code")),
            case_file.c.subject_id == str(row["transaction_id"]),
            case_file.c.state == "open",
        )
        .values(state="closed", closed_at=func.clock_timestamp(), resolution=f"hold released: {reason}")
    )


async def dismiss(uow: UnitOfWork, return_id: UUID, reason: str) -> None:
    """A person found that an unmatched return is not ours, or told it again with the right numbers."""
    row = await queries.get(uow, return_id, lock=True)
    if row["state"] != "unmatched":
        raise StateConflict("not_unmatched", f"The return is {row['state']}.")
    await queries.change(uow, return_id, "dismissed", state="dismissed", reason=reason)
    await uow.connection.execute(
        update(case_file)
        .where(
            case_file.c.kind == "unmatched_return",
            case_file.c.subject_id == str(return_id),
            case_file.c.state == "open",
        )
        .values(state="closed", closed_at=func.clock_timestamp(), resolution=f"dismissed: {reason}")
    )
