"""A family, a child and two providers in a fresh database, without any partner or workflow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert, text

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from db.flows.allocation import AllocationSteps
from db.flows.base import FlowSteps
from db.flows.pay_run import PayRunSteps
from db.flows.provider_payment import ProviderPaymentSteps
from db.flows.reclaim import ReclaimSteps
from db.queries import allocation, family, program, provider
from db.tables.organization import organization
from db.unit_of_work import UnitOfWork
from domain.ids import new_id
from services import family as families
from services import provider as providers
from tests.conftest import TEMPLATE

MONTH = date(2035, 11, 1)
_NUMBERS = count(1_000, 10)
PAYMENTS = ProviderPaymentSteps()
STEPS: tuple[FlowSteps, ...] = (AllocationSteps(), PAYMENTS, PayRunSteps(PAYMENTS), ReclaimSteps())
FLOWS = {flow.flow: flow for flow in STEPS}


@dataclass
class Household:
    """The ids that a test works with. The allocation has 1,000.00, funded as far as its row says."""

    database: Database
    organization_id: UUID
    chek: int
    month: date = MONTH
    program_id: UUID = field(default_factory=new_id)
    family_id: UUID = field(default_factory=new_id)
    child_id: UUID = field(default_factory=new_id)
    sibling_id: UUID = field(default_factory=new_id)
    provider_id: UUID = field(default_factory=new_id)
    other_provider_id: UUID = field(default_factory=new_id)
    allocation_id: UUID = field(default_factory=new_id)

    @property
    def users(self) -> tuple[str, str, str]:
        """The Chek users of the family and the two providers."""
        return str(self.chek), str(self.chek + 1), str(self.chek + 2)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work of the organization."""
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            yield uow

    async def execute(self, statement: str, **values: Any) -> Any:
        """Plain SQL as the application's role, in a transaction of its own."""
        async with self.work() as uow:
            return await uow.connection.execute(text(statement), values)

    async def value(self, statement: str, **values: Any) -> Any:
        """One value."""
        async with self.work() as uow:
            return (await uow.connection.execute(text(statement), values)).scalar_one()

    async def allocate(self, child_id: UUID, month: date, cents: int) -> UUID:
        """An allocation that counts as funded."""
        async with self.work() as uow:
            row = await allocation.add(
                uow,
                id=new_id(),
                program_id=self.program_id,
                family_id=self.family_id,
                child_id=child_id,
                month=month,
                currency="USD",
                cap_cents=140_000,
                allocation_cents=cents,
                funding_state="funded",
                funded_at=await uow.business_now(),
            )
        found: UUID = row["id"]
        return found


async def household(database: Database, month: date = MONTH) -> Household:
    """An organization with everybody it needs."""
    organization_id = new_id()
    async with database.across_organizations(actor="test") as uow:
        await uow.connection.execute(insert(organization).values(id=organization_id, name=organization_id.hex))
    home = Household(database, organization_id, next(_NUMBERS), month)
    chek = home.chek
    async with home.work() as uow:
        await program.add(
            uow, id=home.program_id, name="P", chek_program_id=str(chek), time_zone="America/Denver", cap_cents=140_000
        )
        await family.add_family(uow, id=home.family_id, external_id="f", name="F")
        for number, child_id in enumerate((home.child_id, home.sibling_id)):
            await family.add_child(
                uow,
                id=child_id,
                family_id=home.family_id,
                program_id=home.program_id,
                external_id=f"c{number}",
                name="C",
            )
        for number, provider_id in enumerate((home.provider_id, home.other_provider_id), 1):
            await provider.add(uow, id=provider_id, external_id=f"p{number}", name="P", kind="home")
            await providers.set_wallet(uow, provider_id, home.users[number])
            await provider.change_payment_settings(uow, provider_id, "method_changed", method="ach")
            for child_id in (home.child_id, home.sibling_id):
                await providers.set_rate(uow, provider_id, child_id, date(2024, 1, 1), 3_000, 5_000)
        await families.set_wallet(uow, FLOWS, home.family_id, home.users[0])
    home.allocation_id = await home.allocate(home.child_id, month, 100_000)
    return home


@pytest.fixture(scope="session")
def shared_database(migrated: EmbeddedPostgres) -> str:
    """One database for all tests of this folder: each has an organization of its own. It goes with the server."""
    name = f"childcare_{new_id().hex}"

    async def create() -> None:
        connection = await asyncpg.connect(migrated.url("postgres").replace("+asyncpg", ""))
        await connection.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        await connection.close()

    asyncio.run(create())
    return name


@pytest.fixture
async def database(migrated: EmbeddedPostgres, shared_database: str) -> AsyncIterator[Database]:
    """The shared database as the application sees it."""
    opened = Database(migrated.app_url(shared_database), Keyring.generate())
    yield opened
    await opened.close()


@pytest.fixture
async def home(database: Database) -> Household:
    """One organization's household."""
    return await household(database)
