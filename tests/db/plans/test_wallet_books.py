"""What the books say of one wallet is read by index: a pay run asks for it several times per item."""

from db.queries import chek_wallet
from domain.childcare_accounts import provider_wallet
from tests.db.plans.test_growing_tables import grown
from tests.ledger.conftest import BANK, Books, line

__all__ = ["grown"]

PROVIDERS = 300
WALLETS = """
with made as (
    select uuidv7() as wallet, uuidv7() as provider, i from generate_series(1, $1::int) as i
), wallets as (
    insert into chek_wallet (id, organization_id, chek_user_id)
    select wallet, current_setting('bursar.organization_id')::uuid, 'user-' || i from made
)
insert into provider_payment_settings (provider_id, organization_id, wallet_id)
select provider, current_setting('bursar.organization_id')::uuid, wallet from made returning provider_id
"""


async def test_reading_a_wallet_touches_the_accounts_of_its_owner_only(grown: Books) -> None:
    owner = grown.owner
    await owner.execute(f"set bursar.organization_id = '{grown.organization_id}'")
    await owner.execute("set session_replication_role = replica")
    providers = [row["provider_id"] for row in await owner.fetch(WALLETS, PROVIDERS)]
    await owner.execute("set session_replication_role = origin")
    # a planner that has not been told yet how many there are, as on the first day
    await owner.execute("delete from pg_statistic where starelid = 'ledger.account'::regclass")
    user = await owner.fetchval(
        "select w.chek_user_id from chek_wallet w join provider_payment_settings s on s.wallet_id = w.id"
        " where s.provider_id = $1",
        providers[7],
    )
    await grown.post(line(BANK, provider_wallet(providers[7]), 700))
    await owner.execute("reset bursar.organization_id")
    before = await read(grown)
    async with grown.database.unit_of_work(grown.organization_id, actor="test") as uow:
        assert [await chek_wallet.posted(uow, user, "USD") for _ in range(10)] == [700] * 10
    await grown.database.close()  # a connection tells what it counted at the latest when it ends
    await owner.execute("select pg_stat_clear_snapshot()")
    after = await read(grown)
    assert {name: after[name] - before[name] for name in after if after[name] - before[name] > 100} == {}


async def read(books: Books) -> dict[str, int]:
    """Rows read, by index or from end to end, of accounts and of who has a wallet."""
    rows = await books.owner.fetch(
        "select relname as name, seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_user_tables"
        " where relname = any ($1)"
        " union all select indexrelname, idx_tup_read from pg_stat_user_indexes where relname = any ($1)",
        ["account", "provider_payment_settings", "family_payment_settings"],
    )
    return {row["name"]: row["rows"] for row in rows}
