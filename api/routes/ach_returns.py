"""/v1/ach-returns: what came back, what was decided about it, and telling of a return that no feed told."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.ach_return import AchReturnView, NewAchReturn, Reason, ToldView, same_names, shown
from api.schemas.flow import CaseView, case_view
from api.unit_of_work import Work
from db.flows.ach_reinitiation import FLOW
from db.queries import ach_return as queries
from db.queries import flow_view
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput
from domain.ids import parse_public_id, public_id
from domain.money import Money
from domain.return_codes import return_code
from services import ach_return as service
from services.flow_command import command

routes = router("ach-returns")
_RESOURCES = {"ret": "/v1/ach-returns", "chg": "/v1/ach-account-changes"}


@routes.post("", status_code=202, dependencies=[needs("returns:write")], response_model=ToldView)
async def tell(body: NewAchReturn, once: Once) -> object:
    """Tell of a return or a notification of change: stored first, then processed like one that a feed told, once.

    `Prefer: wait` waits until it is processed; `resource` then names the return, or the correction of an account.
    """
    row = _row(body)
    stored: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        stored.append(await service.tell(uow, row))
        return Answer(202, ToldView(id=public_id("ret", stored[-1]), kind=_kind(row), state="stored"))

    async def settled(uow: UnitOfWork) -> Answer | None:
        processed = await service.processed_as(uow, stored[-1])
        if processed is None:
            return None
        noun, of = processed
        shown_id = public_id(noun, of)
        resource = f"{_RESOURCES[noun]}/{shown_id}"
        return Answer(200, ToldView(id=shown_id, kind=_kind(row), state="processed", resource=resource))

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("returns:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    state: Literal["unmatched", "decided", "does_not_fit", "dismissed"] | None = None,
    code: Annotated[str | None, Query(max_length=10)] = None,
    transaction_id: Annotated[str | None, Query(max_length=60)] = None,
    account_id: Annotated[str | None, Query(max_length=60)] = None,
    merchant_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Page[AchReturnView]:
    """Returns, newest first."""
    filters: dict[str, Any] = {name: value for name, value in (("state", state), ("code", code)) if value is not None}
    named = (("transaction_id", "achtx", transaction_id), ("account_id", "acct", account_id))
    for name, prefix, value in (*named, ("merchant_id", "mer", merchant_id)):
        if value is not None:
            filters[name] = parse_public_id(prefix, value, field=name)
    rows = await queries.page(uow, after=pages.after, limit=pages.fetch, filters=filters)
    now = await uow.business_now()
    return pages.page(rows, lambda row: _view(context, row, now), lambda row: row["id"])


@routes.get("/{return_id}", dependencies=[needs("returns:read")])
async def get(return_id: str, uow: Work, context: Context) -> AchReturnView:
    """One return with its cases."""
    return await _whole(context, uow, _id(return_id))


@routes.post("/{return_id}/cancel", status_code=202, response_model=AchReturnView)
async def cancel(return_id: str, body: Reason, once: Once, context: Context, asker: Asker) -> object:
    """Stop a planned try of a debit that came back for lack of funds."""

    async def deed(uow: UnitOfWork) -> Answer:
        await command(uow, context.flows[FLOW], asker, _id(return_id), "cancel", {"reason": body.reason})
        return Answer(202, await _whole(context, uow, _id(return_id)))

    return await once.answer(deed)


@routes.post("/{return_id}/release-hold", dependencies=[needs("operations:write")], response_model=AchReturnView)
async def release_hold(return_id: str, body: Reason, once: Once, context: Context) -> object:
    """The account that this return put on hold may be used again."""

    async def deed(uow: UnitOfWork) -> Answer:
        await service.release_hold(uow, _id(return_id), body.reason)
        return Answer(200, await _whole(context, uow, _id(return_id)))

    return await once.answer(deed)


@routes.post("/{return_id}/dismiss", dependencies=[needs("operations:write")], response_model=AchReturnView)
async def dismiss(return_id: str, body: Reason, once: Once, context: Context) -> object:
    """An unmatched return is not ours, or was told again with the right numbers."""

    async def deed(uow: UnitOfWork) -> Answer:
        await service.dismiss(uow, _id(return_id), body.reason)
        return Answer(200, await _whole(context, uow, _id(return_id)))

    return await once.answer(deed)


def _row(body: NewAchReturn) -> dict[str, str]:
    if body.auth_guid is None and body.tran_nbr is None:
        raise InvalidInput("auth_guid", "Name the entry by auth_guid or tran_nbr.")
    amount = "" if body.amount is None else Money(body.amount, "USD").decimal_text()
    corrected = "" if body.corrected_data is None else body.corrected_data.get_secret_value()
    return {
        "EVENT_ID": body.event_id or "",
        "AUTH_GUID": body.auth_guid or "",
        "TRAN_NBR": body.tran_nbr or "",
        "AMOUNT": amount,
        "RETURN_CODE": body.code,
        "RETURN_DATE": body.return_date.isoformat(),
        "ADDENDA": body.addenda,
        "CORRECTED_DATA": corrected,
    }


def _kind(row: dict[str, str]) -> Literal["return", "noc"]:
    return "noc" if row["RETURN_CODE"].startswith("C") else "return"


def _view(context: ApiContext, row: Any, now: Any, cases: list[CaseView] | None = None) -> AchReturnView:
    rule = return_code(row["code"])
    return AchReturnView(
        id=public_id("ret", row["id"]),
        title=rule.title,
        known_code=rule.known,
        age_days=max((now - row["received_at"]).days, 0),
        transaction_id=shown("achtx", row["transaction_id"]),
        account_id=shown("acct", row["account_id"]),
        merchant_id=shown("mer", row["merchant_id"]),
        reinitiation_id=shown("achtx", row["reinitiation_id"]),
        who_must_act=row["must_act"],
        links=links_of(context, context.flows[FLOW].run(row)),
        cases=cases or [],
        **same_names(AchReturnView, row, "transaction_id", "account_id", "merchant_id", "reinitiation_id"),
    )


async def _whole(context: ApiContext, uow: UnitOfWork, return_id: UUID) -> AchReturnView:
    row = await queries.get(uow, return_id)
    found = await flow_view.cases(uow, FLOW, return_id)
    if row["transaction_id"] is not None:
        found += await flow_view.cases(uow, f"ach-{row['direction']}", row["transaction_id"])
    return _view(context, row, await uow.business_now(), [case_view(case) for case in found])


def _id(text: str) -> UUID:
    return parse_public_id("ret", text, field="return_id")
