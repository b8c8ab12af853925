"""Mileage in reports: priced by the day of travel, frozen when the report is submitted."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.ids import new_id, parse_public_id
from tests.flows.reimbursements.people import People

DRIVE: dict[str, Any] = {"kind": "mileage", "memo": "To the fair", "miles": "120.5", "spent_on": "2026-01-05"}


async def refused(people: People, path: str, body: dict[str, Any]) -> tuple[int, str, str | None]:
    answer = await people.system.api.post(f"{path}/expenses", json=body, headers={"Idempotency-Key": new_id().hex})
    return answer.status_code, answer.json()["code"], answer.json().get("field")


async def own_rate(people: People, cents: str | None, effective_from: str) -> None:
    await people.system.post("/v1/mileage-rates", {"cents_per_mile": cents, "effective_from": effective_from})


async def test_mileage_is_priced_by_its_day_and_paid_to_the_cent(people: People) -> None:
    path, made = await people.draft(DRIVE, {**DRIVE, "spent_on": "2022-07-01"}, {**DRIVE, "spent_on": "2022-06-30"})
    assert [(e["amount"], e["cents_per_mile"], e["rate_source"]) for e in made] == [
        (8_736, "72.5", "IRS Notice 2026-10"),
        (7_531, "62.5", "IRS Announcement 2022-13"),
        (7_049, "58.5", "IRS Notice 2022-03"),
    ]
    other = people.system.other_operator
    await people.system.post(f"{path}/submit", None)
    await people.system.post(f"{path}/review", {}, client=other)
    await people.system.post(f"{path}/approve", None, client=other)
    report = await people.until(path.rpartition("/")[2], "sent")
    assert report["amount"] == 8_736 + 7_531 + 7_049
    assert sorted(p["amount"] for p in report["payout"]["expense_payouts"]) == [-8_736, -7_531, -7_049]


async def test_the_rate_is_frozen_when_the_report_is_submitted_and_not_before(people: People) -> None:
    path, (expense,) = await people.draft(DRIVE)
    assert expense["amount"] == 8_736
    await own_rate(people, "40", "2026-01-01")

    submitted = await people.system.post(f"{path}/submit", None)

    assert [(e["amount"], e["cents_per_mile"], e["rate_source"]) for e in submitted["expenses"]] == [
        (4_820, "40.0", "the organization's own rate")
    ]
    await own_rate(people, "99.9", "2026-01-01")
    other = people.system.other_operator
    await people.system.post(f"{path}/review", {}, client=other)
    assert (await people.system.get(path))["amount"] == 4_820
    await people.system.post(f"{path}/return-to-draft", None)
    assert (await people.system.post(f"{path}/submit", None))["amount"] == 12_038


async def test_the_rates_and_amounts_of_a_submitted_report_are_frozen_for_plain_sql_too(people: People) -> None:
    path, _ = await people.draft(DRIVE)
    key = parse_public_id("rmr", path.rpartition("/")[2], field="id")

    async def by_hand(statement: str) -> None:
        async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
            await uow.connection.execute(text(statement).bindparams(id=key))

    with pytest.raises(DBAPIError, match="mileage_amount"):
        await by_hand("update expense set amount = amount + 1 where report_id = :id")
    with pytest.raises(DBAPIError, match="mileage_parts"):
        await by_hand("update expense set kind = 'ordinary' where report_id = :id")
    await people.system.post(f"{path}/submit", None)
    with pytest.raises(DBAPIError, match="in a draft only"):
        await by_hand("update expense set distance = 12000, rate = 728 where report_id = :id")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"miles": None}, (422, "invalid_input", "/miles")),
        ({"miles": "1.234"}, (422, "invalid_input", "/miles")),
        ({"miles": "0"}, (422, "invalid_input", "/miles")),
        ({"miles": 12}, (422, "invalid_input", "/miles")),
        ({"amount": 5}, (422, "invalid_input", "/amount")),
        ({"spent_on": None}, (422, "invalid_input", "/spent_on")),
        ({"spent_on": "2099-01-01"}, (422, "invalid_input", "/spent_on")),
        ({"spent_on": "2001-01-01"}, (409, "no_mileage_rate", "/spent_on")),
        ({"kind": "ordinary", "amount": 5}, (422, "invalid_input", "/miles")),
        ({"kind": "ordinary", "miles": None}, (422, "invalid_input", "/amount")),
    ],
)
async def test_what_cannot_be_priced_is_refused_by_name(
    people: People, changes: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    path, _ = await people.draft()
    assert await refused(people, path, DRIVE | changes) == expected


async def test_an_own_rate_is_never_rewritten_and_shows_beside_the_published_ones(people: People) -> None:
    await own_rate(people, "35", "2026-01-01")
    await own_rate(people, None, "2026-06-01")
    rates = await people.system.get("/v1/mileage-rates")
    assert [(rate["effective_from"], rate["cents_per_mile"]) for rate in rates["own"]] == [
        ("2026-01-01", "35.0"),
        ("2026-06-01", None),
    ]
    assert {"2026-01-01": "72.5"}.items() <= {
        rate["effective_from"]: rate["cents_per_mile"] for rate in rates["published"]
    }.items()
    with pytest.raises(DBAPIError):
        async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
            await uow.connection.execute(text("update mileage_rate set rate = 1"))
