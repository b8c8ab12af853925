"""/v1/ach-transactions: debits, payouts, refunds and voids in one list."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from api.ach_pages import entry_id, entry_view, whole_entry
from api.auth import needs
from api.context import Context
from api.fields import LARGEST_AMOUNT
from api.pagination import Page, Pages
from api.router import router
from api.schemas.ach_transaction import AchTransactionView
from api.unit_of_work import Work
from db.queries import ach as queries
from db.queries.ach_list import Wanted, list_transactions
from domain.ach import AchState, status
from domain.ids import parse_public_id

routes = router("ach-transactions")

Id = Annotated[str | None, Query(max_length=60)]
Amount = Annotated[int | None, Query(ge=0, le=LARGEST_AMOUNT, description="minor units")]


async def wanted(
    type: Literal["DEBIT", "REFUND", "VOID"] | None = None,  # noqa: A002 - the seed's name for it
    direction: Literal["debit", "credit"] | None = None,
    status: Literal["pending", "approved", "declined", "failed"] | None = None,
    ach_state: AchState | None = None,
    customer_id: Annotated[str | None, Query(max_length=100)] = None,
    merchant_id: Id = None,
    account_id: Id = None,
    parent_transaction_id: Id = None,
    date_from: Annotated[date | None, Query(description="first business date, New York")] = None,
    date_to: Annotated[date | None, Query(description="last business date, New York")] = None,
    amount_min: Amount = None,
    amount_max: Amount = None,
) -> Wanted:
    """What is asked for; every condition must hold."""
    return Wanted(
        type=type,
        direction=direction,
        ach_states=_states(status, ach_state),
        in_doubt=None if ach_state not in (AchState.UNKNOWN, AchState.SUBMITTING) else ach_state is AchState.UNKNOWN,
        customer_id=customer_id,
        merchant_id=_id("mer", merchant_id, "merchant_id"),
        account_id=_id("acct", account_id, "account_id"),
        parent_transaction_id=_id("achtx", parent_transaction_id, "parent_transaction_id"),
        date_from=date_from,
        date_to=date_to,
        amount_min=amount_min,
        amount_max=amount_max,
    )


@routes.get("", dependencies=[needs("ach_debits:read")])
async def list_all(
    uow: Work, context: Context, pages: Pages, asked: Annotated[Wanted, Depends(wanted)]
) -> Page[AchTransactionView]:
    """ACH transactions, newest first."""
    rows = await list_transactions(uow, asked, after=pages.after, limit=pages.fetch)
    return pages.page(rows, lambda row: entry_view(context, row, doubt=row["doubt"]), lambda row: row["id"])


@routes.get("/{transaction_id}", dependencies=[needs("ach_debits:read")])
async def get(transaction_id: str, uow: Work, context: Context) -> AchTransactionView:
    """One transaction of any kind."""
    return await whole_entry(context, uow, await queries.get_transaction(uow, entry_id(transaction_id)))


def _states(coarse: str | None, fine: AchState | None) -> tuple[AchState, ...] | None:
    """The states that fit both; a row that is `submitting` is shown as `unknown` while its call is in doubt."""
    if coarse is None and fine is None:
        return None
    fitting = [state for state in AchState if coarse in (None, status(state).value) and fine in (None, state)]
    return tuple(AchState.SUBMITTING if state is AchState.UNKNOWN else state for state in fitting)


def _id(prefix: str, text: str | None, field: str) -> UUID | None:
    return None if text is None else parse_public_id(prefix, text, field=field)
