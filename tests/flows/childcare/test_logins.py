"""Stories of families and providers with keys of their own: whatever they ask, only what is theirs is there (S16)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.party import ALLOWED
from domain.childcare_party import Party
from domain.childcare_week import week_of
from domain.errors import NotFound
from domain.ids import new_id
from services.api_keys import create_key
from tests.api.routes import ROUTES
from tests.flows.childcare.books import prove
from tests.flows.childcare.town import Town


@asynccontextmanager
async def logged_in(town: Town, who: str) -> AsyncIterator[httpx.AsyncClient]:
    """A family or a provider with a key of its own."""
    key = await create_key(
        town.system.house.database,
        town.system.organization_id,
        operator_email="ada@example.test",
        name=who,
        scopes=["*"],
        live=False,
        expires_in=timedelta(days=90),
        actor="test",
        party=Party.named(who, field="for"),
    )
    staff = town.system.api
    async with httpx.AsyncClient(
        transport=staff._transport,
        base_url=staff.base_url,
        headers={"Authorization": f"Bearer {key.secret}"},
        timeout=30,
    ) as client:
        yield client


async def call(client: httpx.AsyncClient, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Any request; the status and what was answered."""
    answer = await client.request(method, path, json=body, headers={"Idempotency-Key": new_id().hex, **headers})
    return answer.status_code, answer.json()


async def ids(client: httpx.AsyncClient, path: str, **headers: str) -> set[str]:
    """The ids of a list."""
    answer = await client.get(path, headers=headers)
    assert answer.is_success, answer.text
    return {item["id"] for item in answer.json()["data"]}


async def test_a_family_selects_submits_and_sees_what_is_its_own_and_nothing_else(town: Town) -> None:
    mine, other, provider = await town.family(), await town.family(), await town.provider("ach")
    children = [await town.child(family) for family in (mine, other)]
    allocations = [await town.allocation(child) for child in children]
    for child in children:
        await town.rate(provider, child)
    (strange,) = await town.care_days(allocations[1], provider, 1)
    strange_lump = await town.lump_sum(allocations[1], provider, 1_000)
    day = {"provider_id": provider.id, "date": town.day(2).isoformat(), "kind": "full"}
    async with logged_in(town, mine.id) as family, logged_in(town, provider.id) as carer:
        status, selected = await call(family, "POST", "/v1/care-days", {**day, "allocation_id": allocations[0]["id"]})
        assert status == 201
        status, payment = await call(family, "POST", "/v1/provider-payments", {"care_day_ids": [selected["id"]]})
        assert status == 202
        for path in (
            f"/v1/care-days/{strange}",
            f"/v1/lump-sums/{strange_lump}",
            f"/v1/allocations/{allocations[1]['id']}",
            f"/v1/children/{children[1]}",
            f"/v1/children/{children[1]}/overdue-attendance",
            f"/v1/families/{other.id}",
        ):
            assert (await call(family, "GET", path))[0] == 404, path
        of_others = {**day, "allocation_id": allocations[1]["id"]}
        assert (await call(family, "POST", "/v1/care-days", of_others))[0] == 404
        assert (await call(family, "DELETE", f"/v1/care-days/{strange}"))[0] == 404
        assert (await call(family, "POST", "/v1/provider-payments", {"care_day_ids": [strange]}))[0] == 404
        assert await ids(family, "/v1/care-days") == {selected["id"]}
        assert await ids(family, "/v1/lump-sums") == set()
        assert await ids(family, "/v1/allocations") == {allocations[0]["id"]}
        assert await ids(family, "/v1/children") == {children[0]}
        assert len(await ids(family, "/v1/payment-rates")) == 1
        assert len(await ids(carer, "/v1/payment-rates")) == 2, "a provider sees the rates of all its children"
        assert await ids(carer, "/v1/care-days") == {selected["id"], strange}
        for client in (family, carer):
            assert await ids(client, "/v1/provider-payments") == {payment["id"]}
            shown = (await call(client, "GET", f"/v1/provider-payments/{payment['id']}"))[1]
            assert (shown["amount"], shown["detail"]) == (5_000, None), "wallets and money calls are staff's to see"
    # a service of the organization's own that names the family sees no more than the family
    assert await ids(town.system.api, "/v1/care-days", **{"Bursar-Acting-For": mine.id}) == {selected["id"]}
    await town.until(payment, "paid")
    await prove(town, provider)


async def test_what_is_staffs_is_refused_whoever_a_key_says_to_act_for(town: Town) -> None:
    mine, other, provider = await town.family(), await town.family(), await town.provider("ach")
    child = await town.child(mine)
    allocation = await town.allocation(child)
    colleague = await town.provider("ach")
    allocate = {"child_id": child, "month": town.month.isoformat()}
    rate: dict[str, Any] = {"provider_id": provider.id, "child_id": child, "effective_from": "2024-01-01"}
    rate |= {"half_day": 3_000, "full_day": 5_000}
    staffs = [
        ("POST", "/v1/allocations", allocate),
        ("POST", f"/v1/allocations/{allocation['id']}/retry", {"reason": ""}),
        ("POST", "/v1/reclaims", {"allocation_id": allocation["id"], "reason": ""}),
        ("POST", f"/v1/children/{child}/subsidy", {"monthly_amount": "1400.00"}),
        ("GET", "/v1/money-calls", None),
        ("GET", "/v1/mails", None),
    ]
    async with logged_in(town, mine.id) as family, logged_in(town, provider.id) as carer:
        for client in (family, carer):
            for method, path, body in staffs:
                status, said = await call(client, method, path, body)
                assert (status, said["code"]) == (403, "staff_only"), path
        assert (await call(family, "POST", "/v1/payment-rates", rate))[0] == 403
        for named in (other.id, provider.id):
            assert (await call(family, "GET", "/v1/care-days", **{"Bursar-Acting-For": named}))[0] == 403
        settings = f"/v1/providers/{provider.id}/payment-settings"
        assert (await call(carer, "POST", settings, {"chek_user_id": "77"}))[0] == 403, "staff names wallets"
        assert (await call(carer, "POST", settings, {"method": "card"}))[0] == 200
        assert (await call(carer, "POST", "/v1/payment-rates", rate))[0] == 201
        for path in (f"/v1/providers/{colleague.id}", f"/v1/providers/{colleague.id}/refresh"):
            method, body = ("POST", {}) if path.endswith("refresh") else ("GET", None)
            assert (await call(carer, method, path, body))[0] == 404
        # a provider is told which weeks are missing of the children it cares for, and enters no other's
        strange = await town.child(other)
        for child_id, expected in ((child, 200), (strange, 404)):
            assert (await call(carer, "GET", f"/v1/children/{child_id}/overdue-attendance"))[0] == expected
        entry = {"week": week_of(town.today).isoformat(), "full_days": 3, "half_days": 0}
        of_strange = entry | {"child_id": strange, "provider_id": provider.id, "entered_by": "provider"}
        with_colleague = entry | {"child_id": child, "provider_id": colleague.id, "entered_by": "family"}
        assert (await call(carer, "POST", "/v1/attendance", of_strange))[0] == 404
        assert (await call(family, "POST", "/v1/attendance", with_colleague))[0] == 404
        # each side enters attendance for itself
        week = {"child_id": child, "provider_id": provider.id, "week": week_of(town.today).isoformat()}
        days = {"full_days": 3, "half_days": 0}
        for client, side, expected in (
            (family, "family", 200),
            (family, "provider", 404),
            (carer, "provider", 200),
            (carer, "family", 404),
        ):
            entered = await call(client, "POST", "/v1/attendance", {**week, **days, "entered_by": side})
            assert entered[0] == expected, entered
        # one key's Idempotency-Key is answered to nobody else
        again = {"Idempotency-Key": "the-same"}
        assert (await call(family, "POST", "/v1/attendance", {**week, **days, "entered_by": "family"}, **again))[
            0
        ] == 200
        other_side = await call(carer, "POST", "/v1/attendance", {**week, **days, "entered_by": "family"}, **again)
        assert (other_side[0], other_side[1]["code"]) == (422, "idempotency_key_reused")
        login = await family.post("/login", content=f"key={family.headers['Authorization'].split()[1]}")
        assert login.status_code == 403, "the pages of operators are no family's"
    with pytest.raises(NotFound):
        async with logged_in(town, f"fam_{new_id().hex}"):
            pass


def test_every_route_that_a_family_or_provider_may_ask_is_there() -> None:
    known = {str(route) for route in ROUTES}
    for kind, allowed in ALLOWED.items():
        assert allowed <= known, kind
        assert not any(route.endswith(("/retry", "/cancel", "/accept-balances", "/contact")) for route in allowed)
