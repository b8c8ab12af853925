"""Stories of what the programme's calendar does by itself: months, reminders, and the nightly look at the books."""

from datetime import timedelta
from functools import partial
from typing import Any

from activities.childcare_schedules import BOOKS, ensure_childcare_schedules
from domain.ids import new_id
from tests.flows.childcare.books import prove
from tests.flows.childcare.test_mails import mail_to, written_to
from tests.flows.childcare.town import Person, Town

ZONE = {"time_zone": "America/Denver"}
CASE = "reconciliation_differs"


async def subsidised(town: Town, family: Person, **values: Any) -> str:
    """A child that gets 400.00 a month."""
    body = {
        "family_id": family.id,
        "program_id": town.program_id,
        "external_id": f"child-{new_id().hex}",
        "name": "Ana",
        "monthly_amount": "400.00",
        **values,
    }
    return str((await town.system.post("/v1/children", body))["id"])


def all_funded(count: int, seen: dict[str, Any]) -> bool:
    """Whether there are that many allocations, all with their money."""
    return [one["funding_state"] for one in seen["data"]] == ["funded"] * count


async def cases(town: Town) -> list[dict[str, Any]]:
    """The nightly look's cases."""
    listed = (await town.system.get("/v1/cases"))["data"]
    return [case for case in listed if case["kind"] == CASE]


async def test_every_enabled_child_gets_this_month_and_the_next_once(town: Town) -> None:
    family = await town.family()
    first, _ = await subsidised(town, family), await subsidised(town, family, payment_enabled=False)
    later = await subsidised(town, family, starts_on=town.month.isoformat())

    report = await town.scheduled("childcare-month", ZONE)

    assert report == {"created": 3, "standing": 0, "refused": {"before_start": 1}}
    assert (await town.scheduled("childcare-month", ZONE))["created"] == 0
    assert await town.scheduled("childcare-month", {"time_zone": "Asia/Tokyo"}) == {
        "created": 0,
        "standing": 0,
        "refused": {},
    }
    for child_id, count in ((first, 2), (later, 1)):
        await town.system.until(
            f"/v1/allocations?child_id={child_id}",
            partial(all_funded, count),
        )
    await prove(town)


async def test_a_family_that_selected_nothing_for_next_week_is_reminded_once(town: Town) -> None:
    quiet, busy, provider = await town.family(), await town.family(), await town.provider("ach")
    for family in (quiet, busy):
        await written_to(town, "families", family, "es")
    next_monday = town.today + timedelta(days=7 - town.today.weekday())
    town._month = next_monday.replace(day=1)
    for family in (quiet, busy):
        child = await town.child(family)
        allocation = await town.allocation(child, 20_000)
        if family is busy:
            await town.rate(provider, child)
            body = {"allocation_id": allocation["id"], "provider_id": provider.id, "kind": "full"}
            await town.system.post("/v1/care-days", {**body, "date": next_monday.isoformat()})

    assert (await town.scheduled("childcare-reminders", ZONE))["written"] == 1
    assert (await town.scheduled("childcare-reminders", ZONE))["written"] == 0

    (mail,) = await mail_to(town, f"{quiet.id}@example.test")
    assert mail["subject"] == "Días de cuidado para la próxima semana"
    assert next_monday.isoformat() in mail["text"]


async def test_each_difference_that_stays_overnight_is_a_case_until_the_books_agree(town: Town) -> None:
    family = await town.family()
    await town.allocation(await town.child(family), 40_000)
    clean = await town.scheduled("childcare-books")
    assert (clean["compared"], clean["differing"]) == (3, 0), "a wallet, the programme, and everything"
    wallet, outside = {"kind": "wallet", "id": family.chek_user}, {"kind": "outside"}
    await town.moved_by_others(wallet, outside, 700)

    assert (await town.scheduled("childcare-books"))["differing"] == 2
    assert (await town.scheduled("childcare-books"))["differing"] == 2

    found = await cases(town)
    assert {case["summary"] for case in found} == {
        f"Chek's wallet of user {family.chek_user} is not what the ledger says",
        "Chek's everything is not what the ledger says",
    }
    assert all(len(case["evidence"]) == 1 for case in found), "once until it is closed"
    await town.moved_by_others(outside, wallet, 700)
    assert (await town.scheduled("childcare-books"))["agreed_again"] == 2
    assert await cases(town) == [], "closed by the look that finds the books right"


async def test_the_schedules_follow_the_clocks_of_each_programme(town: Town) -> None:
    house = town.system.house
    north = {"name": "North", "chek_program_id": "502", "time_zone": "America/Anchorage"}
    await town.system.post("/v1/programs", north)

    await ensure_childcare_schedules(house)
    await ensure_childcare_schedules(house)

    for zone in ("America/Denver", "America/Anchorage"):
        seen = await house.temporal.get_schedule_handle(f"childcare-month/{zone}").describe()
        assert seen.schedule.spec.time_zone_name == zone
        assert seen.schedule.policy.catchup_window == timedelta(days=20)
    assert (await house.temporal.get_schedule_handle(BOOKS).describe()).schedule.action
