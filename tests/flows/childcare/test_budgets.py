"""Stories of a month's budget: how much it is, what is promised of it, and by whom (S15, S16, S25, S28)."""

from typing import Any

from domain.childcare_month import following
from domain.ids import new_id
from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.town import Person, Town


async def call(town: Town, method: str, path: str, body: Any = None, party: str | None = None) -> tuple[int, Any]:
    """Any request, in somebody's name; the status and what was answered."""
    headers = {"Idempotency-Key": new_id().hex} | ({"Bursar-Acting-For": party} if party else {})
    answer = await town.system.api.request(method, path, json=body, headers=headers)
    return answer.status_code, answer.json()


async def subsidised(town: Town, family: Person, **subsidy: Any) -> str:
    """A child whose monthly amount is known."""
    body = {
        "family_id": family.id,
        "program_id": town.program_id,
        "external_id": f"child-{new_id().hex}",
        "name": "Ana",
        **subsidy,
    }
    return str((await town.system.post("/v1/children", body))["id"])


async def test_the_first_month_is_a_share_whatever_month_is_allocated_first(town: Town) -> None:
    family, this_month = await town.family(), town.today.replace(day=1)
    child = await subsidised(town, family, monthly_amount="1128.14", starts_on=this_month.replace(day=16).isoformat())
    days = (following(this_month) - this_month).days
    share = (112_814 * (days - 15) * 2 + days) // (2 * days)

    # next month first: in the earlier system that one got the share, and the first month the whole
    answers = [
        await town.system.post("/v1/allocations", {"child_id": child, "month": month.isoformat()}, wait=15)
        for month in (town.month, this_month)
    ]

    assert [(one["allocation_cents"], one["basis"]) for one in answers] == [(112_814, "whole"), (share, "prorated")]
    assert (await balances(town))["wallet", family.chek_user] == 112_814 + share
    again = await town.system.post("/v1/allocations", {"child_id": child, "month": town.month.isoformat()})
    assert again["id"] == answers[0]["id"]
    await prove(town)


async def test_staff_may_set_the_first_month_or_name_the_amount_and_nothing_is_a_valid_one(town: Town) -> None:
    family = await town.family()
    month = town.month.isoformat()
    first = {"monthly_amount": "900", "starts_on": town.month.replace(day=10).isoformat(), "first_month_amount": "0.00"}
    nothing = await town.system.post(
        "/v1/allocations", {"child_id": await subsidised(town, family, **first), "month": month}
    )
    assert (nothing["allocation_cents"], nothing["basis"], nothing["funding_state"]) == (0, "first_month", "funded")
    child = await subsidised(town, family, monthly_amount="900.00")
    named = await town.allocation(child, 12_345)
    assert (named["allocation_cents"], named["basis"]) == (12_345, "given")
    unknown = {"child_id": await town.child(family, 9), "month": month}
    assert (await call(town, "POST", "/v1/allocations", unknown))[1]["code"] == "amount_unknown"
    before = {"child_id": await subsidised(town, family, **first), "month": town.today.replace(day=1).isoformat()}
    assert (await call(town, "POST", "/v1/allocations", before))[1]["code"] == "before_start"
    for amount, code in (("1400.01", "above_cap"), ("12.345", None), ("-5.00", None), (128.14, None)):
        status, said = await call(town, "POST", f"/v1/children/{child}/subsidy", {"monthly_amount": amount})
        assert status == 422
        assert code in (None, said["code"])
    changed = await town.system.post(f"/v1/children/{child}/subsidy", {"monthly_amount": "128.14"})
    assert changed["monthly_amount"] == "128.14"
    await town.system.post(f"/v1/children/{child}/subsidy", {"monthly_amount": "128.14", "payment_enabled": False})
    this_month = {"child_id": child, "month": town.today.replace(day=1).isoformat()}
    assert (await call(town, "POST", "/v1/allocations", this_month))[1]["code"] == "payment_disabled"


async def test_an_allocation_that_waits_for_the_familys_wallet_is_funded_once_it_has_one(town: Town) -> None:
    family = await town.system.post("/v1/families", {"external_id": "without", "name": "Keller"})
    child = await town.child(Person(family["id"], 0))
    allocation = await town.allocation(child, 70_000)
    assert (allocation["funding_state"], allocation["code"]) == ("unfunded", "family_not_onboarded")
    user = await town.chek_user()

    await town.system.post(f"/v1/families/{family['id']}/wallet", {"chek_user_id": str(user)})

    path = f"/v1/allocations/{allocation['id']}"
    await town.system.until(path, lambda seen: seen["funding_state"] == "funded")
    assert (await balances(town))["wallet", user] == 70_000
    await prove(town)


async def test_a_day_is_made_half_deleted_and_restored_priced_anew_each_time(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child, 12_000)
    await town.rate(provider, child)
    first, second, third = await town.care_days(allocation, provider, 1, 2, 3)
    assert (await town.system.get(f"/v1/care-days/{third}"))["missing"] == 3_000, "120.00 pay two days and a part"

    status, half = await call(town, "PATCH", f"/v1/care-days/{first}", {"kind": "half"})
    assert (status, half["amount"], half["missing"]) == (200, 3_000, 0)
    rate = {"provider_id": provider.id, "child_id": child, "effective_from": town.day(3).isoformat()}
    await town.system.post("/v1/payment-rates", {**rate, "half_day": 2_500, "full_day": 4_500})
    assert (await call(town, "DELETE", f"/v1/care-days/{third}"))[0] == 200
    back = await town.system.post(f"/v1/care-days/{third}/restore", {})
    assert (back["rate"], back["amount"], back["missing"], back["state"]) == (4_500, 4_000, 500, "selected")
    assert (await town.system.get(f"/v1/care-days/{second}"))["rate"] == 5_000, "a day keeps the rate it was made with"
    await call(town, "DELETE", f"/v1/care-days/{second}")
    (instead,) = await town.care_days(allocation, provider, 2, kind="half")
    taken = await call(town, "POST", f"/v1/care-days/{second}/restore", {})
    assert (taken[0], taken[1]["code"]) == (409, "care_day_exists")

    payment = await town.pay([first, instead, third])

    assert (payment["state"], payment["amount"]) == ("paid", 10_000)
    for method, path, body in (
        ("PATCH", f"/v1/care-days/{first}", {"kind": "full"}),
        ("DELETE", f"/v1/care-days/{first}", None),
        ("POST", f"/v1/care-days/{first}/restore", {}),
    ):
        assert (await call(town, method, path, body))[1]["code"] == "item_in_payment"
    await prove(town, provider)


async def test_many_days_are_selected_and_deleted_each_by_itself(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child, 12_000)
    await town.rate(provider, child)
    numbers = (1, 2, 2, 3, 4, 40)
    wanted = [{"date": town.day(number).isoformat(), "kind": "full"} for number in numbers]
    body = {"allocation_id": allocation["id"], "provider_id": provider.id, "days": wanted}

    _, selected = await call(town, "POST", "/v1/care-days/bulk-select", body)

    said = [one["care_day"]["amount"] if one["done"] else one["refused"]["code"] for one in selected["results"]]
    assert said == [5_000, 5_000, "care_day_exists", 2_000, "over_budget", "outside_month"]
    assert (selected["done"], selected["refused"]) == (3, 3)
    ids = [one["care_day"]["id"] for one in selected["results"] if one["done"]]
    await town.pay(ids[:1])
    deletion = {"care_day_ids": [*ids, f"day_{'0' * 32}"]}
    _, deleted = await call(town, "POST", "/v1/care-days/bulk-delete", deletion)
    said = [one["care_day"]["state"] if one["done"] else one["refused"]["code"] for one in deleted["results"]]
    assert said == ["item_in_payment", "deleted", "deleted", "not_found"]
    seen = await town.system.get(f"/v1/allocations/{allocation['id']}")
    assert (seen["selected_cents"], seen["paid_cents"]) == (5_000, 5_000)
    await prove(town, provider)


async def test_a_locked_week_is_closed_to_everybody_and_its_deleted_days_stay_deleted(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child)
    await town.rate(provider, child)
    live, gone, next_week = await town.care_days(allocation, provider, 1, 2, 8)
    await call(town, "DELETE", f"/v1/care-days/{gone}")
    await town.advance((town.day(2) - town.today).days)

    day = {
        "allocation_id": allocation["id"],
        "provider_id": provider.id,
        "date": town.day(5).isoformat(),
        "kind": "full",
    }
    for method, path, body in (
        ("POST", "/v1/care-days", day),
        ("PATCH", f"/v1/care-days/{live}", {"kind": "half"}),
        ("DELETE", f"/v1/care-days/{live}", None),
        ("POST", f"/v1/care-days/{gone}/restore", {}),
    ):
        status, said = await call(town, method, path, body)
        assert (status, said["code"]) == (409, "week_locked")
    assert (await call(town, "PATCH", f"/v1/care-days/{next_week}", {"kind": "half"}))[0] == 200
    assert (await town.pay([live]))["state"] == "paid"
    await prove(town, provider)


async def test_nobody_writes_in_another_familys_or_providers_name(town: Town) -> None:
    family, other, provider = await town.family(), await town.family(), await town.provider("ach")
    colleague = await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child)
    await town.rate(provider, child)
    (day,) = await town.care_days(allocation, provider, 1)
    lump = await town.lump_sum(allocation, provider, 1_000)
    named = {"allocation_id": allocation["id"], "provider_id": provider.id}
    date = town.day(2).isoformat()
    rate = {"provider_id": provider.id, "child_id": child, "effective_from": date, "half_day": 200, "full_day": 300}
    of_family: list[tuple[str, str, Any]] = [
        ("POST", "/v1/care-days", {**named, "date": date, "kind": "full"}),
        ("PATCH", f"/v1/care-days/{day}", {"kind": "half"}),
        ("DELETE", f"/v1/care-days/{day}", None),
        ("POST", f"/v1/care-days/{day}/restore", {}),
        ("POST", "/v1/lump-sums", {**named, "amount": 500, "currency": "USD", "days": 1}),
        ("DELETE", f"/v1/lump-sums/{lump}", None),
        ("POST", "/v1/provider-payments", {"care_day_ids": [day]}),
        ("POST", "/v1/provider-payments", {"lump_sum_id": lump}),
    ]
    of_provider = [
        ("POST", "/v1/payment-rates", rate),
        ("POST", f"/v1/providers/{provider.id}/payment-settings", {"method": "card"}),
    ]
    for requests, same, otherwise in ((of_family, other, provider), (of_provider, colleague, family)):
        for method, path, body in requests:
            assert (await call(town, method, path, body, same.id))[0] == 404, f"{method} {path}"
            assert (await call(town, method, path, body, otherwise.id))[0] == 403, f"{method} {path}"
    assert (await call(town, "POST", "/v1/care-days/bulk-delete", {"care_day_ids": [day]}, other.id))[0] == 404
    again = {**named, "date": date, "kind": "full"}
    for party, status, code in ((family.id, 201, None), (other.id, 422, "idempotency_key_reused")):
        headers = {"Idempotency-Key": "calendar", "Bursar-Acting-For": party}
        answer = await town.system.api.post("/v1/care-days", json=again, headers=headers)
        assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert (await call(town, "DELETE", f"/v1/lump-sums/{lump}", None, "nobody"))[0] == 422
    assert (await call(town, "DELETE", f"/v1/lump-sums/{lump}", None, family.id))[0] == 200
    assert (await call(town, "POST", "/v1/payment-rates", rate, provider.id))[0] == 201


async def test_a_lump_sum_is_submitted_at_once_or_leaves_nothing_behind(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    body = {
        "allocation_id": allocation["id"],
        "provider_id": provider.id,
        "amount": 30_000,
        "currency": "USD",
        "days": 3,
        "half_days": 1,
        "submit": True,
    }
    lump = await town.system.post("/v1/lump-sums", body)
    assert lump["state"] == "reserved"
    await town.until({"id": lump["provider_payment_id"]}, "paid")
    assert [line["amount"] for line in await payments(town)] == [30_000]
    newcomer = await town.system.post("/v1/providers", {"external_id": "new", "name": "Sunny", "kind": "home"})

    status, said = await call(town, "POST", "/v1/lump-sums", {**body, "provider_id": newcomer["id"]})

    assert (status, said["code"]) == (409, "provider_not_onboarded")
    assert (await town.system.get(f"/v1/allocations/{allocation['id']}"))["selected_cents"] == 30_000
    assert len((await town.system.get("/v1/lump-sums"))["data"]) == 1
    await prove(town, provider)


async def test_a_provider_cares_for_two_children_at_most(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    children = [await town.child(family, number) for number in range(3)]
    for child in children[:2]:
        await town.rate(provider, child)
    rate = {"provider_id": provider.id, "effective_from": town.day(3).isoformat(), "half_day": 2_500, "full_day": 4_500}
    assert (await call(town, "POST", "/v1/payment-rates", rate | {"child_id": children[0]}))[0] == 201, "another rate"
    status, problem = await call(town, "POST", "/v1/payment-rates", rate | {"child_id": children[2]})
    assert (status, problem["code"]) == (422, "too_many_children")
    # who is no longer paid for leaves the place
    await town.system.post(f"/v1/children/{children[1]}/subsidy", {"payment_enabled": False})
    assert (await call(town, "POST", "/v1/payment-rates", rate | {"child_id": children[2]}))[0] == 201
    # and comes back only where there is a place
    status, problem = await call(town, "POST", f"/v1/children/{children[1]}/subsidy", {"payment_enabled": True})
    assert (status, problem["code"]) == (422, "too_many_children")
    assert not (await town.system.get(f"/v1/children/{children[1]}"))["payment_enabled"]
