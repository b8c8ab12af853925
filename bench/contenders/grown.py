"""Two databases of one server: one with the rows of a few weeks, one with those of years."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from activities.house import House, open_house
from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from bench.contenders.accounts import FUNDS
from bench.contenders.books import DAY
from bench.server import Server
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id
from domain.money_call import LedgerLine
from services.api_keys import create_key
from services.operators import add_operator
from settings import Settings

LINES_OF_A_WALLET = 50
BANK = "external:bank"
CHUNK = 1_000
"""Transactions that are folded at once: what a busy second brings."""
LOAD = Path(__file__).with_suffix(".sql")
BURN = "do $$ begin for i in 1 .. {count} loop perform pg_current_xact_id(); commit; end loop; end $$"
"""Takes transaction ids without writing anything."""


def wallet(number: int) -> str:
    """A family's account."""
    return f"family:{number:05d}:wallet:main"


@dataclass(frozen=True, slots=True)
class Grown:
    """One of them, open: units of work, the API in this process, and an instant half way through its life."""

    database: Database
    organization_id: UUID
    api: httpx.AsyncClient
    half_way: datetime
    wallets: int
    """Families come, each with as many lines; the bank account has a line of every transaction."""


async def open_grown(server: Server, name: str, transactions: int, flow_every: int, stack: AsyncExitStack) -> Grown:
    """Copied from the migrated one, filled in chunks that are folded one by one, analyzed."""
    await _administer(server, f"create database {name} template bursar strategy file_copy")
    url = server.postgres.url(name)
    settings = Settings.model_validate(
        {
            "mode": "external",
            "database": {"url": server.postgres.app_url(name), "owner_url": url},
            "temporal": {"address": "127.0.0.1:1"},
            "keyring": {"keys": Keyring.generate().to_json()},
            "api": {"rate_per_second": 100_000, "rate_burst": 100_000},
        }
    )
    house = await stack.enter_async_context(open_house(settings))
    added = await add_operator(
        house.database, organization="Bench", name="Ada", email="ada@example.test", actor="bench"
    )
    organization_id = added.organization_id
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        wallets = transactions // LINES_OF_A_WALLET
        await _open_accounts(house.database, owner, organization_id, wallets)
        half_way = await _fill(owner, transactions, flow_every, wallets)
    finally:
        await owner.close()
    api = await _api(settings, house, organization_id, stack)
    return Grown(house.database, organization_id, api, half_way, wallets)


async def _administer(server: Server, statement: str) -> None:
    owner = await asyncpg.connect(server.postgres.url("postgres").replace("+asyncpg", ""))
    try:
        await owner.execute(statement)
    finally:
        await owner.close()


async def _open_accounts(
    database: Database, owner: "asyncpg.Connection[asyncpg.Record]", organization: UUID, wallets: int
) -> None:
    for first in range(0, wallets, 500):
        lines = [LedgerLine(BANK, wallet(number), FUNDS) for number in range(first, min(first + 500, wallets))]
        async with database.unit_of_work(organization, actor="bench") as uow:
            await uow.ledger.post(f"funds/{first}", "bench", "USD", lines, DAY)
    await owner.execute("select set_config('bursar.organization_id', $1, false)", str(organization))
    merchant = new_id()
    await owner.execute(
        "insert into merchant (id, organization_id, name, cust_nbr, merch_nbr, dba_nbr, terminal_nbr,"
        " verification_policy, per_transaction_limit, per_day_limit)"
        " values ($1, $2, 'Bench', '7000', '700010', '1', '1', 'gateway_accept', 1000000, 1000000000)",
        merchant,
        organization,
    )
    await owner.execute(
        "insert into ach_account (id, organization_id, merchant_id, customer_id, account_type, routing_number,"
        " account_number, holder, last_four, fingerprint, storage_bric, sec, state, verification_policy)"
        " values ($1, $2, $3, 'customer-1', 'checking', '011000015', '\\x00', '\\x00', '6789', '\\x00', '\\x00', 'PPD',"
        " 'stored', 'gateway_accept')",
        new_id(),
        organization,
        merchant,
    )


async def _fill(
    owner: "asyncpg.Connection[asyncpg.Record]", transactions: int, flow_every: int, wallets: int
) -> datetime:
    """Returns the instant at which half of them stood."""
    load = LOAD.read_text(encoding="utf-8")
    half_way: datetime = await owner.fetchval("select clock_timestamp()")
    for first in range(1, transactions + 1, CHUNK):
        last = min(first + CHUNK - 1, transactions)
        xid = await owner.fetchval("select pg_current_xact_id()::text::bigint + 1")
        await owner.execute(BURN.format(count=last - first + 1))
        given = {"xid": xid, "first": first, "last": last, "flow_every": flow_every, "wallets": wallets}
        for name, value in given.items():
            await owner.execute("select set_config('grown.' || $1, $2, false)", name, str(value))
        await owner.execute(load)
        while await owner.fetchval("select ledger.fold()"):
            pass
        if last <= transactions // 2:
            half_way = await owner.fetchval("select clock_timestamp()")
    await owner.execute("vacuum analyze")
    return half_way


async def _api(settings: Settings, house: House, organization_id: UUID, stack: AsyncExitStack) -> httpx.AsyncClient:
    context = ApiContext(
        settings=settings,
        database=house.database,
        temporal=house.temporal,
        after_commit=house.outbox.deliver,
        flows=house.flows,
        settler=house.settler,
    )
    key = await create_key(
        house.database,
        organization_id,
        operator_email="ada@example.test",
        name="bench",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="bench",
    )
    return await stack.enter_async_context(
        httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(context, ROUTERS)),
            base_url="http://bursar.test",
            headers={"Authorization": f"Bearer {key.secret}"},
            timeout=60,
        )
    )
