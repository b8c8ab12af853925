"""A system in which something of every noun has happened, and a caller of another organization who may see nothing."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from domain.childcare_week import week_of
from domain.ids import new_id
from services.api_keys import create_key
from services.operators import add_operator
from tests.api.routes import NOBODY, ROUTES
from tests.conftest import fresh_database, system_settings
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_authorizations.payers import Payers
from tests.flows.childcare.town import ADDRESS, Town
from tests.flows.reimbursements.people import People
from tests.opening import fresh_sandbox
from tests.system import System, open_system

_ID = re.compile(r"(?P<prefix>[a-z]+)_[0-9a-f]{32}")


@dataclass
class Busy:
    """The system, the other organization's caller, and an id of each noun by its prefix."""

    system: System
    stranger: httpx.AsyncClient
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> httpx.AsyncClient:
        return self.system.api

    def real(self, part: Any) -> Any:
        """The same with ids that exist in place of ids of nothing."""
        if isinstance(part, dict):
            return {name: self.real(inner) for name, inner in part.items()}
        if isinstance(part, list):
            return [self.real(inner) for inner in part]
        if isinstance(part, str):
            return re.sub(rf"([a-z]+)_{NOBODY}", lambda found: self.ids[found[1]], part)
        return part


@asynccontextmanager
async def busy_system(postgres: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Busy]:
    """Open it and have everything happen once."""
    async with AsyncExitStack() as stack:
        name = await stack.enter_async_context(fresh_database(postgres))
        sandbox = await stack.enter_async_context(fresh_sandbox())
        settings = system_settings(postgres, temporal.address, name, sandbox)
        settings = settings.model_copy(
            update={
                "chek": settings.chek.model_copy(update={"readings_apart_seconds": 0.4}),
                "api": settings.api.model_copy(update={"rate_burst": 100_000, "rate_per_second": 10_000.0}),
            }
        )
        system = await stack.enter_async_context(open_system(settings, sandbox))
        stranger = await stack.enter_async_context(await _stranger(system))
        opened = Busy(system, stranger)
        await _have_things_happen(system)
        opened.ids.update(await _ids(system))
        yield opened


async def _have_things_happen(system: System) -> None:
    await system.post("/v1/webhook-endpoints", {"url": "http://127.0.0.1:9/hook"})
    merchant_id = await merchant(system)
    account = await stored_account(system, merchant_id)
    await debited(system, account["id"])
    payers = Payers(system)
    payers.account = account
    await payers.authorized()
    # the gateway's test numbers for a return (R02) and for a correction (C01), which come with time
    for number in ("990009202", "990009601"):
        await debited(system, (await stored_account(system, merchant_id, number))["id"])
    await system.advance_clock(days=9)
    for noun in ("returns", "account-changes"):
        await system.until(f"/v1/ach-{noun}", lambda seen: bool(seen["data"]))
    chek = f"{system.sandbox.addresses['chek']}/api/v1/account/1/"
    keys = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}
    async with httpx.AsyncClient(base_url=chek, headers=keys) as client:
        town = Town(system, client, ahead=timedelta(days=9))
        await town.found()
        family = await town.family()
        child, provider = await town.child(family), await town.provider()
        written_to = {"email": "sunny@example.test", "language": "en"}
        await system.post(f"/v1/providers/{provider.id}/contact", written_to)
        allocation = await town.allocation(child)
        await town.rate(provider, child)
        await town.lump_sum(allocation, provider, 2_500)
        await town.pay(await town.care_days(allocation, provider, 5, 6))
        week = week_of(town.today).isoformat()
        entry = {"child_id": child, "provider_id": provider.id, "week": week, "entered_by": "family", "full_days": 2}
        await system.post("/v1/attendance", entry)
        taken = {"allocation_id": allocation["id"], "amount": 1_000, "reason": "not used"}
        await system.post("/v1/reclaims", taken, wait=15)
        body = {"external_id": "provider-onboarded", "name": "Sunny Days", "kind": "home"}
        known = (await system.post("/v1/providers", body))["id"]
        details = {"first_name": "Thea", "last_name": "Lind", "email": "thea@example.test", "phone": "+13035550150"}
        person = {**details, "address": ADDRESS}
        card = {"method": "card", "program_id": town.program_id}
        await system.post("/v1/onboardings", {"provider_id": known, "person": person, **card}, wait=15)
        period = {"first_day": town.day(1).isoformat(), "last_day": town.day(7).isoformat()}
        await system.post("/v1/pay-runs", {"program_id": town.program_id, **period}, wait=15)
    people = People(system)
    await people.deposit(100_000)
    await people.add_payee()
    await people.policy(receipt_required=False)
    await people.until(await people.approved(1_500, 2_500), "sent")
    await people.draft_with_receipt()
    await people.top_up(5_000)
    await system.until("/v1/mails", lambda seen: bool(seen["data"]))
    async with system.house.database.unit_of_work(system.organization_id, actor="test") as uow:
        await uow.open_case("books_differ", "reimbursement", new_id(), "Look at this", {"seen": "nothing"})


async def _stranger(system: System) -> httpx.AsyncClient:
    database = system.house.database
    added = await add_operator(
        database, organization="Elsewhere", name="Mallory", email="mallory@example.test", actor="test"
    )
    created = await create_key(
        database,
        added.organization_id,
        operator_email="mallory@example.test",
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    return httpx.AsyncClient(
        transport=system.api._transport,
        base_url="http://bursar.test",
        headers={"Authorization": f"Bearer {created.secret}"},
        timeout=30,
    )


async def _ids(system: System) -> dict[str, str]:
    found: dict[str, str] = {}
    for route in ROUTES:
        if route.method == "GET" and "{" not in route.path and route.path.startswith("/v1/"):
            for item in (await system.get(route.path)).get("data", ()):
                for text in _texts(item):
                    if match := _ID.fullmatch(text):
                        found.setdefault(match["prefix"], text)
    return found


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _texts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)
