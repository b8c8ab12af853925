"""The database itself keeps one writer per original and the sum of refunds, whatever the application forgets."""

from typing import Any

import asyncpg
import pytest

from domain.ids import new_id
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import settled_debit
from tests.system import System

COPY = (
    "insert into ach_transaction (id, organization_id, merchant_id, customer_id, account_id, parent_transaction_id,"
    " type, direction, amount, currency, sec, business_date)"
    " select $1, organization_id, merchant_id, customer_id, account_id, id, $3, $4, $5, currency, sec, business_date"
    " from ach_transaction where id = $2"
)


async def test_the_database_refuses_what_would_give_back_more_than_was_taken(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    settled = await settled_debit(system, account["id"])
    fresh = await debited(system, account["id"])
    owner = await asyncpg.connect(system.settings.database.owner_url.get_secret_value().replace("+asyncpg", ""))

    async def child(parent: dict[str, Any], kind: str, amount: int) -> Any:
        direction = "debit" if kind == "VOID" else "credit"
        made = new_id()
        row = await owner.fetchval("select id from ach_transaction where tran_nbr = $1", parent["tran_nbr"])
        await owner.execute(COPY, made, row, kind, direction, amount)
        return made

    async def refused(parent: dict[str, Any], kind: str, amount: int) -> str:
        with pytest.raises(asyncpg.PostgresError) as error:
            await child(parent, kind, amount)
        return str(error.value.sqlstate)

    try:
        first = await child(settled, "REFUND", 10_000)
        assert await refused(settled, "REFUND", 5_001) == "BA005"
        assert await refused(settled, "VOID", 15_000) == "BA003"
        await owner.execute("update ach_transaction set ach_state = 'declined' where id = $1", first)
        assert await refused(fresh, "VOID", 14_999) == "BA004"
        await child(fresh, "VOID", 15_000)
        assert await refused(fresh, "VOID", 15_000) == "BA002"
        assert await refused(fresh, "REFUND", 1) == "BA002"
        await child(settled, "REFUND", 15_000)
        with pytest.raises(asyncpg.PostgresError, match="more than is left"):
            await owner.execute("update ach_transaction set ach_state = 'accepted' where id = $1", first)
        with pytest.raises(asyncpg.PostgresError, match="does not change"):
            await owner.execute("update ach_transaction set amount = 1 where id = $1", first)
    finally:
        await owner.close()
