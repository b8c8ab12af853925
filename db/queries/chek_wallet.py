"""Chek wallets: whose they are, and what the books say is in them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert

from db.tables.chek_wallet import chek_wallet
from db.tables.family import family_payment_settings
from db.tables.provider import provider_payment_settings
from db.unit_of_work import UnitOfWork
from domain.chek_wallet import user_of, user_wallet
from domain.errors import StateConflict
from domain.ids import new_id

# a colon before a word is escaped: it would be a bound value's name
# The order is the planner's no more: left to itself it read all accounts of the organization for each wallet, and for
# each of them all providers (`materialized` and `offset 0` keep a subquery to itself).
_POSTED = text(
    r"""
    with owned (code) as materialized (
        select 'family:' || replace(s.family_id::text, '-', '') || '\:wallet\:'
        from chek_wallet w join family_payment_settings s on s.wallet_id = w.id where w.chek_user_id = :chek_user
        union all
        select 'provider:' || replace(s.provider_id::text, '-', '') || '\:wallet'
        from chek_wallet w join provider_payment_settings s on s.wallet_id = w.id where w.chek_user_id = :chek_user
    )
    select coalesce(sum(part.sign * (select posted from ledger.balance_now(:organization, a.code, :currency))), 0)
    from owned o
    cross join lateral (values (o.code, 1), ('receivable:' || o.code, -1)) as part (prefix, sign)
    cross join lateral (
        select code from ledger.account
        where organization_id = :organization and currency = :currency
            and code >= part.prefix collate "C" and code < (part.prefix || '~') collate "C"
        offset 0
    ) as a
    """
)

_EVERY = text(
    r"""
    with owned as (
        select s.wallet_id, 'family:' || replace(s.family_id::text, '-', '') || '\:wallet\:' as prefix, '*' as rest
        from family_payment_settings s
        union all
        select s.wallet_id, 'provider:' || replace(s.provider_id::text, '-', '') || '\:wallet', ''
        from provider_payment_settings s
    )
    select w.organization_id, w.chek_user_id, array_agg(o.prefix || o.rest order by o.prefix) as accounts,
        coalesce(sum((
            select sum((select posted from ledger.balance_now(a.organization_id, a.code, a.currency)))
            from ledger.account a
            where a.organization_id = w.organization_id
                and a.code >= ('receivable:' || o.prefix) collate "C"
                and a.code < ('receivable:' || o.prefix || '~') collate "C"
        )), 0)::bigint as owed
    from chek_wallet w join owned o on o.wallet_id = w.id
    group by w.id order by w.chek_user_id
    """
)


async def register(uow: UnitOfWork, chek_user_id: str) -> UUID:
    """The wallet of a Chek user, made if it is new. Raises StateConflict where another organization has it."""
    await uow.connection.execute(
        insert(chek_wallet)
        .values(id=new_id(), organization_id=uow.organization_id, chek_user_id=chek_user_id)
        .on_conflict_do_nothing()
    )
    row = await uow.one_or_none(select(chek_wallet.c.id).where(chek_wallet.c.chek_user_id == chek_user_id))
    if row is None:
        raise StateConflict("chek_user_taken", "This Chek user cannot be registered here.", field="chek_user_id")
    found: UUID = row["id"]
    return found


async def lock_users(uow: UnitOfWork, chek_user_ids: Iterable[str]) -> None:
    """Lock wallets in the order of their users: who reads what the books say, or changes it, is first or waits."""
    await uow.all(
        select(chek_wallet.c.id)
        .where(chek_wallet.c.chek_user_id.in_(sorted(set(chek_user_ids))))
        .order_by(chek_wallet.c.chek_user_id)
        .with_for_update(key_share=True)
    )


async def lock_wallets(uow: UnitOfWork, wallets: Iterable[str]) -> None:
    """Lock those of these wallets that are Chek users'."""
    await lock_users(uow, [user for wallet in wallets if (user := user_of(wallet)) is not None])


async def posted(uow: UnitOfWork, chek_user_id: str, currency: str) -> int:
    """What the books say is in a Chek user's wallet: all accounts of the family and the provider behind it, in cents.

    What its owner owes (a fact took more than there was) is money that is not there.
    """
    found = await uow.connection.execute(
        _POSTED, {"chek_user": chek_user_id, "organization": uow.organization_id, "currency": currency}
    )
    return int(found.scalar_one())


async def every_wallet(uow: UnitOfWork) -> list[RowMapping]:
    """All wallets that the unit of work sees: `chek_user_id`, patterns of `accounts`, and what their owners `owed`."""
    return await uow.all(_EVERY)


async def expectation(uow: UnitOfWork, chek_user_ids: Sequence[str], currency: str) -> dict[str, int]:
    """What must be in these wallets before money may move; they are locked until the transaction ends."""
    await lock_users(uow, chek_user_ids)
    return {user_wallet(user): await posted(uow, user, currency) for user in sorted(set(chek_user_ids))}


async def owners(uow: UnitOfWork, chek_user_id: str) -> RowMapping:
    """The `family_id` and `provider_id` behind a wallet; either may be None."""
    row = await uow.one_or_none(
        select(family_payment_settings.c.family_id, provider_payment_settings.c.provider_id)
        .select_from(chek_wallet)
        .outerjoin(family_payment_settings, family_payment_settings.c.wallet_id == chek_wallet.c.id)
        .outerjoin(provider_payment_settings, provider_payment_settings.c.wallet_id == chek_wallet.c.id)
        .where(chek_wallet.c.chek_user_id == chek_user_id)
    )
    if row is None:
        raise StateConflict("chek_user_unknown", "This Chek user is not registered.")
    return row
