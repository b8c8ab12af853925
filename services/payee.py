"""Payees and how they are paid: an edit makes a new payout method and archives the old one."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import payee as queries
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.payout_method import METHODS
from domain.report import ReportState

_DECIDED_ON = (ReportState.SUBMITTED, ReportState.REQUESTED, ReportState.APPROVED)


async def create_payee(uow: UnitOfWork, person: queries.Person) -> RowMapping:
    """A person to be paid back. Raises StateConflict when the address is known already."""
    payee_id = new_id()
    await queries.add(uow, payee_id, person)
    return await queries.get(uow, payee_id)


async def add_method(
    uow: UnitOfWork,
    payee_id: UUID,
    kind: str,
    given: Mapping[str, str],
    *,
    label: str,
    make_default: bool,
    replaces: UUID | None,
) -> RowMapping:
    """A way to pay to. The first one, and the one that replaces a default, become the default.

    Raises InvalidInput, naming the field, for a kind or a detail that is none.
    """
    await queries.get(uow, payee_id, lock=True)
    method = METHODS.get(kind)
    if method is None:
        raise InvalidInput("kind", f"A payout method is one of {', '.join(METHODS)}.")
    names = [field.name for field in method.fields]
    for name in given:
        if name not in names:
            raise InvalidInput(name, f"A payout method of kind {kind} has {', '.join(names)}.")
    details = method.read(given)
    present = await queries.default_method(uow, payee_id)
    old = None
    if replaces is not None:
        old = await _own_method(uow, payee_id, replaces, field="replaces")
        await _require_unused(uow, old)
    make_default = make_default or present is None or (old is not None and old["is_default"])
    if make_default:
        await queries.clear_default(uow, payee_id)
    if old is not None:
        now = await uow.business_now()
        await queries.change_method(uow, old["id"], "replaced", archived_at=now, is_default=False)
    method_id = new_id()
    await queries.add_method(
        uow,
        method_id,
        {
            "payee_id": payee_id,
            "kind": kind,
            "label": label,
            "last_four": method.hint(details),
            "is_default": make_default,
            "replaces": replaces,
        },
        details,
    )
    return await queries.get_method(uow, method_id)


async def make_default(uow: UnitOfWork, payee_id: UUID, method_id: UUID) -> RowMapping:
    """New reports take this method; reports that have one keep theirs, and no failed payout moves with it."""
    await queries.get(uow, payee_id, lock=True)
    method = await _own_method(uow, payee_id, method_id, field="method_id")
    await queries.clear_default(uow, payee_id)
    await queries.change_method(uow, method["id"], "made_default", is_default=True)
    return await queries.get_method(uow, method["id"])


async def archive(uow: UnitOfWork, payee_id: UUID, method_id: UUID) -> RowMapping:
    """Take a method out of use. Refused for the default, and while a report that is being decided on uses it."""
    await queries.get(uow, payee_id, lock=True)
    method = await _own_method(uow, payee_id, method_id, field="method_id")
    if method["is_default"]:
        raise StateConflict("default_payout_method", "A default payout method cannot be archived.")
    await _require_unused(uow, method)
    await queries.change_method(uow, method["id"], "archived", archived_at=await uow.business_now())
    return await queries.get_method(uow, method["id"])


async def _own_method(uow: UnitOfWork, payee_id: UUID, method_id: UUID, *, field: str) -> RowMapping:
    method = await queries.get_method(uow, method_id, lock=True)
    if method["payee_id"] != payee_id or method["archived_at"] is not None:
        raise InvalidInput(field, "The payout method is not one of the payee's present methods.")
    return method


async def _require_unused(uow: UnitOfWork, method: RowMapping) -> None:
    if await reports.using_method(uow, method["id"], _DECIDED_ON):
        raise StateConflict("payout_method_in_use", "A report that is being decided on uses this payout method.")
