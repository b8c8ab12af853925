"""Stories of attendance: a week that was paid for is entered before more is paid (S20)."""

from typing import Any

from tests.flows.childcare.books import prove
from tests.flows.childcare.test_budgets import call
from tests.flows.childcare.town import Person, Town


async def paid_week(town: Town, provider: Person) -> tuple[Person, str, dict[str, Any]]:
    """A family, its child and an allocation out of which days of the first week were paid."""
    family = await town.family()
    child = await town.child(family)
    allocation = await town.allocation(child)
    await town.rate(provider, child)
    assert (await town.pay(await town.care_days(allocation, provider, 1, 2)))["state"] == "paid"
    return family, child, allocation


def entry(town: Town, child: str, provider: Person, side: str, **days: int) -> dict[str, Any]:
    """One side's entry for the first week."""
    week = town.day(1).isoformat()
    return {"child_id": child, "provider_id": provider.id, "week": week, "entered_by": side, "full_days": 2, **days}


async def test_no_more_is_paid_until_family_and_provider_have_entered_the_week(town: Town) -> None:
    provider = await town.provider("ach")
    family, child, allocation = await paid_week(town, provider)
    lump = await town.lump_sum(allocation, provider, 10_000)
    early = await call(town, "POST", "/v1/attendance", entry(town, child, provider, "family"))
    assert early[1]["code"] == "week_not_begun"
    await town.advance((town.day(15) - town.today).days)

    refused = await call(town, "POST", "/v1/provider-payments", {"lump_sum_id": lump})
    assert (refused[0], refused[1]["code"], refused[1]["who_must_act"]) == (409, "attendance_overdue", "caller")
    overdue = (await town.system.get(f"/v1/children/{child}/overdue-attendance"))["overdue"]
    assert {(item["week"], item["side"]) for item in overdue} == {
        (town.day(1).isoformat(), "family"),
        (town.day(1).isoformat(), "provider"),
    }
    other = await town.family()
    for party in (other.id, provider.id):
        status, _ = await call(town, "POST", "/v1/attendance", entry(town, child, provider, "family"), party)
        assert status == 404
    await call(town, "POST", "/v1/attendance", entry(town, child, provider, "family"), family.id)
    refused = await call(town, "POST", "/v1/provider-payments", {"lump_sum_id": lump})
    assert (refused[1]["code"], refused[1]["who_must_act"]) == ("attendance_overdue", "payee")
    await call(town, "POST", "/v1/attendance", entry(town, child, provider, "provider", full_days=1), provider.id)

    assert (await town.pay_lump(lump))["state"] == "paid"
    (week,) = (await town.system.get(f"/v1/attendance?child_id={child}"))["data"]
    assert (week["family_full_days"], week["provider_full_days"]) == (2, 1)
    corrected = await town.system.post("/v1/attendance", entry(town, child, provider, "family", full_days=0))
    assert (corrected["id"], corrected["family_full_days"]) == (week["id"], 0)
    await prove(town, provider)


async def test_a_payment_that_waits_for_attendance_goes_on_by_itself_and_a_centre_is_not_asked(town: Town) -> None:
    user = await town.chek_user()
    await town.chek.post("directpay_accounts/invite/", json={"user_id": user})
    await town.bank_account(user, "Active")
    body = {"external_id": "centre", "name": "Sunny Days", "kind": "center"}
    centre = await town.system.post("/v1/providers", body)
    assert centre["attendance_waived"] is True
    home = {"external_id": "home", "name": "Sunny", "kind": "home", "attendance_waived": True}
    assert (await call(town, "POST", "/v1/providers", home))[0] == 422
    provider = Person(centre["id"], user)
    settings = {"chek_user_id": str(user), "method": "ach"}
    await town.system.post(f"/v1/providers/{provider.id}/payment-settings", settings)
    family, child, allocation = await paid_week(town, provider)
    await town.system.post(f"/v1/families/{family.id}/contact", {"email": "keller@example.test", "language": "en"})
    await town.bank_account(user, "Inactive")
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 10_000))
    assert (payment["state"], payment["code"]) == ("funding_stopped", "method_inactive")
    await town.bank_account(user, "Active")
    await town.advance((town.day(22) - town.today).days)
    await town.ask(payment, "retry")
    path = f"/v1/provider-payments/{payment['id']}"
    stopped = await town.system.until(path, lambda seen: seen["code"] == "attendance_overdue")
    assert stopped["who_must_act"] == "payee"
    assert "open" not in [case["state"] for case in stopped["detail"]["cases"]], "the family was mailed"

    await town.system.post("/v1/attendance", entry(town, child, provider, "family"))

    await town.until(payment, "paid")
    await prove(town, provider)
