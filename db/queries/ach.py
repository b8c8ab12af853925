"""Reading and writing ACH rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.queries.row import add_row, change_rows, changing, get_row
from db.tables.ach import ach_account, ach_transaction, epx_tran_nbr, merchant
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.errors import NotFound

NOT_TAKEN = (AchState.DECLINED, AchState.NOT_FOUND, AchState.CANCELED, AchState.VOIDED)
"""States in which an entry does not count against a day's limit."""
_TERMS = ("per_transaction_limit", "per_day_limit", "taken")
_ACCOUNT_TO_USE = (
    f"select {', '.join(f'account.{column.name}' for column in ach_account.c)}, {', '.join(_TERMS)}"
    " from merchant_terms($1, $2, $3, $4), ach_account as account where account.id = $1 for share of account"
)
"""The function is done when the first row is: the merchant is locked before the account, whatever the plan."""


def flow_of(row: Mapping[Any, Any]) -> str:
    """The flow that a transaction belongs to, by its `type` and `direction` (a payout is a DEBIT that is a credit)."""
    if row["type"] == "VOID":
        return "ach-void"
    return "ach-credit" if row["direction"] == "credit" else "ach-debit"


async def get_merchant(uow: UnitOfWork, merchant_id: UUID) -> RowMapping:
    """One merchant."""
    return await get_row(uow, merchant, "merchant", merchant_id)


async def get_account(uow: UnitOfWork, account_id: UUID, *, lock: bool = False, share: bool = False) -> RowMapping:
    """One stored account; shared, it stays usable while entries of it are made and handed over."""
    return await get_row(uow, ach_account, "ACH account", account_id, lock=lock, share=share)


async def get_transaction(uow: UnitOfWork, transaction_id: UUID, *, lock: bool = False) -> RowMapping:
    """One transaction."""
    return await get_row(uow, ach_transaction, "ACH transaction", transaction_id, lock=lock)


async def live_account(uow: UnitOfWork, merchant_id: UUID, customer_id: str, fingerprint: bytes) -> RowMapping | None:
    """The account of this merchant and customer with this fingerprint, unless its storing failed."""
    return await uow.one_or_none(
        select(ach_account).where(
            ach_account.c.merchant_id == merchant_id,
            ach_account.c.customer_id == customer_id,
            ach_account.c.fingerprint == fingerprint,
            ach_account.c.state.not_in(("failed", "cancelled")),
        )
    )


async def add_merchant(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Insert a merchant."""
    await uow.connection.execute(insert(merchant).values(organization_id=uow.organization_id, **values))


async def add_account(uow: UnitOfWork, values: Mapping[str, Any]) -> bool:
    """Insert an account; False when the same one is stored already."""
    statement = (
        upsert(ach_account)
        .values(organization_id=uow.organization_id, **values)
        .on_conflict_do_nothing()
        .returning(ach_account.c.id)
    )
    return (await uow.connection.execute(statement)).first() is not None


async def add_transaction(uow: UnitOfWork, values: Mapping[str, Any]) -> RowMapping:
    """Insert a transaction."""
    return await add_row(uow, ach_transaction, **values)


async def change_account(uow: UnitOfWork, account_id: UUID, action: str, **values: Any) -> None:
    """Change an account and say so in the audit trail and to the organization (secrets are never among the values)."""
    await uow.connection.execute(update(ach_account).where(ach_account.c.id == account_id).values(**values))
    shown = {key: value for key, value in values.items() if not isinstance(value, bytes)}
    await uow.audit(f"ach_account.{action}", "ach-account", account_id, shown)
    await uow.tell(f"ach_account.{action}", "ach-account", account_id, shown)


async def change_transaction(uow: UnitOfWork, transaction_id: UUID, action: str, **values: Any) -> None:
    """Change a transaction and say so in the audit trail and to the organization."""
    statement = changing(ach_transaction, "id", returning=("type", "direction"))
    row = (await change_rows(uow, statement, of_id=transaction_id, **values)).mappings().one_or_none()
    if row is None:
        raise NotFound("ACH transaction")
    flow = flow_of(row)
    await uow.audit(f"{flow.replace('-', '_')}.{action}", flow, transaction_id, values)
    await uow.tell(f"{flow.replace('-', '_')}.{action}", flow, transaction_id, values)


async def sent_again(uow: UnitOfWork, transaction_id: UUID) -> bool:
    """Whether a debit that came back was sent again; its row must be locked."""
    found = await uow.connection.execute(
        select(ach_transaction.c.id).where(ach_transaction.c.retry_of == transaction_id)
    )
    return found.first() is not None


@dataclass(frozen=True, slots=True)
class MerchantTerms:
    """A merchant's limits in minor units, and what was taken of the day's: entries of one direction."""

    per_transaction_limit: int
    per_day_limit: int
    taken: int


async def account_to_use(
    uow: UnitOfWork, account_id: UUID, day: date, direction: str
) -> tuple[Mapping[Any, Any], MerchantTerms]:
    """A stored account, shared, and the terms of its merchant, whose row is locked first. Raises NotFound.

    The sum counts what was taken, or may have been, by those who had the merchant before: it is read under the lock.
    """
    row = await uow.bare.fetchrow(_ACCOUNT_TO_USE, account_id, day, direction, NOT_TAKEN)
    if row is None:
        raise NotFound("ACH account")
    account = dict(row)
    return account, MerchantTerms(*(account.pop(name) for name in _TERMS))


async def next_tran_nbr(uow: UnitOfWork) -> str:
    """A TRAN_NBR that was never used and never will be again."""
    return str((await uow.connection.execute(select(epx_tran_nbr.next_value()))).scalar_one())


async def list_accounts(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Newest first; `filters` are columns and the values they must have."""
    statement = select(ach_account).order_by(ach_account.c.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(ach_account.c.id < after)
    for name, value in filters.items():
        statement = statement.where(ach_account.c[name] == value)
    return await uow.all(statement)


async def last_used(uow: UnitOfWork, account_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the gateway last took an entry of these accounts, as far as it ever did."""
    used = await uow.bare.fetch(
        "select account.id, entry.processed_at from unnest($1::uuid[]) as account (id), lateral ("
        " select processed_at from ach_transaction where account_id = account.id and auth_guid is not null"
        " order by business_date desc, processed_at desc limit 1) as entry",
        account_ids,
    )
    return {row["id"]: row["processed_at"] for row in used}


async def list_merchants(uow: UnitOfWork) -> list[RowMapping]:
    """All merchants of the organization, by name."""
    return await uow.all(select(merchant).order_by(merchant.c.name))
