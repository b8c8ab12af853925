"""Flows that nobody asked for: authorizations charge, pay runs pay, banks send back or correct, calendars fund."""

from collections.abc import Collection
from uuid import UUID

from domain.ids import public_id
from tests.endurance.begin import Begun
from tests.endurance.chance import Kind
from tests.faults.world import World

PATHS: dict[Kind, tuple[str, str]] = {
    "debit": ("ach-debits", "achtx"),
    "payout": ("ach-credits", "achtx"),
    "provider_payment": ("provider-payments", "ppay"),
    "allocation": ("allocations", "alloc"),
    "account": ("ach-accounts", "acct"),
    "correction": ("ach-account-changes", "chg"),
}
"""Where the API shows each, and what its ids begin with."""
_ALL = """
    select id, case direction when 'debit' then 'debit' else 'payout' end as kind
        from ach_transaction where type <> 'VOID'
    union all select id, 'provider_payment' from payment_intent
    union all select id, 'allocation' from month_allocation
    union all select id, 'account' from ach_account
    union all select id, 'correction' from ach_account_change
"""


async def of_others(world: World, known: Collection[UUID]) -> list[Begun]:
    """Every flow in the database that no caller knows of, what was prepared before included."""
    rows = await world.owner.fetch(f"select id, kind from ({_ALL}) as flow where id <> all($1)", list(known))
    return [Begun(row["kind"], _path(row["kind"], row["id"])) for row in rows]


def _path(kind: Kind, id_: UUID) -> str:
    noun, prefix = PATHS[kind]
    return f"/v1/{noun}/{public_id(prefix, id_)}"
