"""What the database refuses under plain SQL of the application's role: budgets, days, items and payments."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.engine import Database
from db.queries import family, provider
from domain.ids import new_id
from services import provider as providers
from tests.db.childcare.conftest import MONTH, Household, household

DAY = """
    insert into care_day (id, organization_id, allocation_id, child_id, month, provider_id, date, kind, rate_cents,
        amount_cents, missing_cents, currency)
    values (:id, :organization_id, :allocation_id, :child_id, :month, :provider_id, :date, :kind, :rate, :amount,
        :missing, 'USD')
"""
LUMP = """
    insert into lump_sum (id, organization_id, allocation_id, child_id, month, provider_id, amount_cents, currency,
        days, half_days)
    values (:id, :organization_id, :allocation_id, :child_id, :month, :provider_id, :amount, 'USD', :days, :half_days)
"""
INTENT = """
    insert into payment_intent (id, organization_id, program_id, family_id, child_id, month, allocation_id,
        provider_id, kind, amount_cents, currency, method)
    values (:id, :organization_id, :program_id, :family_id, :child_id, :month, :allocation_id, :provider_id,
        'care_days', :amount, 'USD', 'ach')
"""
RECLAIM = """
    insert into reclaim (id, organization_id, program_id, family_id, child_id, month, allocation_id, amount_cents,
        currency, reason)
    values (:id, :organization_id, :program_id, :family_id, :child_id, :month, :allocation_id, :amount, 'USD', 'unused')
"""
ATTENDANCE = """
    insert into attendance (id, organization_id, child_id, provider_id, week, family_full_days, family_half_days,
        family_entered_at)
    values (:id, :organization_id, :child_id, :provider_id, :week, :days, :half_days, :entered)
"""
ITEM = """
    insert into payment_intent_item (id, organization_id, payment_intent_id, care_day_id, amount_cents)
    values (:item_id, :organization_id, :id, :care_day_id, :item_amount)
"""


def values(home: Household, **changes: Any) -> dict[str, Any]:
    """A right row of anything."""
    return {
        "id": new_id(),
        "organization_id": home.organization_id,
        "program_id": home.program_id,
        "family_id": home.family_id,
        "allocation_id": home.allocation_id,
        "child_id": home.child_id,
        "provider_id": home.provider_id,
        "month": MONTH,
        "date": date(2035, 11, 3),
        "kind": "full",
        "rate": 5_000,
        "amount": 5_000,
        "missing": 0,
        "days": 1,
        "half_days": 0,
        **changes,
    }


async def refused(home: Household, statement: str, reason: str, **given: Any) -> None:
    """The statement fails, and for this reason."""
    # what is checked at the end of a transaction comes from the driver itself
    with pytest.raises((DBAPIError, asyncpg.PostgresError), match=reason):
        await home.execute(statement, **given)


async def a_day(home: Household, **changes: Any) -> UUID:
    """A care day that is taken."""
    row = values(home, **changes)
    await home.execute(DAY, **row)
    day_id: UUID = row["id"]
    return day_id


async def a_payment(home: Household, day: UUID, amount: int = 5_000, **changes: Any) -> UUID:
    """An intent with one item."""
    row = values(home, amount=amount, care_day_id=day, item_id=new_id(), item_amount=amount, **changes)
    async with home.work() as uow:
        await uow.connection.execute(text(INTENT), row)
        await uow.connection.execute(text(ITEM), row)
    intent_id: UUID = row["id"]
    return intent_id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"date": date(2035, 12, 1)}, "date_in_month"),
        ({"date": date(2035, 10, 31)}, "date_in_month"),
        ({"amount": 0, "rate": 5_000, "missing": 5_000}, "amounts"),
        ({"amount": -1, "missing": 5_001}, "amounts"),
        ({"amount": 5_001, "missing": -1}, "amounts"),
        ({"amount": 4_000}, "parts_make_the_rate"),
        ({"rate": 99, "amount": 99}, "rate_cents"),
        ({"rate": 16_001, "amount": 16_001}, "rate_cents"),
        ({"kind": "most"}, "kind"),
        ({"month": date(2035, 12, 1), "date": date(2035, 12, 3)}, "fk_care_day_allocation"),
    ],
)
async def test_a_care_day_that_makes_no_sense_is_refused(home: Household, changes: dict[str, Any], reason: str) -> None:
    await refused(home, DAY, reason, **values(home, **changes))


async def test_a_day_of_another_child_is_refused(home: Household) -> None:
    await refused(home, DAY, "fk_care_day_allocation", **values(home, child_id=home.sibling_id))


async def test_one_live_day_per_child_provider_and_date_but_any_number_of_deleted_ones(home: Household) -> None:
    first = await a_day(home)
    await refused(home, DAY, "uq_care_day_live", **values(home, kind="half", rate=3_000, amount=3_000))
    await home.execute("update care_day set deleted_at = now() where id = :id", id=first)
    await a_day(home)
    await a_day(home, provider_id=home.other_provider_id)
    assert await home.value("select selected_cents from month_allocation") == 10_000


async def test_days_and_lump_sums_together_never_pass_the_allocation(home: Household) -> None:
    await home.execute(LUMP, **values(home, amount=96_000))
    await refused(home, DAY, "selected_fits", **values(home))
    await a_day(home, rate=4_000, amount=4_000)
    await refused(home, LUMP, "selected_fits", **values(home, amount=1))
    await refused(home, "update lump_sum set amount_cents = 96001", "selected_fits")
    await home.execute("update lump_sum set deleted_at = now()")
    assert await home.value("select selected_cents from month_allocation") == 4_000


@pytest.mark.parametrize(
    "changes", [{"amount": 0}, {"amount": -1}, {"days": 0}, {"days": 32}, {"days": -1, "half_days": 2}]
)
async def test_a_lump_sum_that_makes_no_sense_is_refused(home: Household, changes: dict[str, Any]) -> None:
    await refused(home, LUMP, "ck_lump_sum", **values(home, **changes))


async def test_a_reclaim_takes_only_what_nothing_was_promised_of_and_gives_it_back_when_cancelled(
    home: Household,
) -> None:
    await a_day(home)
    await refused(home, RECLAIM, "selected_fits", **values(home, amount=95_001))
    row = values(home, amount=95_000)
    await home.execute(RECLAIM, **row)
    await refused(home, DAY, "selected_fits", **values(home, date=date(2035, 11, 6), rate=100, amount=100))
    await refused(home, "update reclaim set amount_cents = 1", "does not change")
    cancel = "update reclaim set state = 'cancelled', ended_at = now()"
    await home.execute(cancel)
    assert await home.value("select reclaimed_cents from month_allocation") == 0
    await refused(home, cancel, "ended does not change")


async def test_money_counts_as_reclaimed_only_with_an_applied_call_and_of_a_funded_allocation(home: Household) -> None:
    await home.execute(RECLAIM, **values(home))
    await refused(home, "update reclaim set state = 'reclaimed', ended_at = now()", "only with the money moved")
    unfunded = """
        insert into month_allocation (id, organization_id, program_id, family_id, child_id, month, currency, cap_cents,
            allocation_cents)
        values (:id, :organization_id, :program_id, :family_id, :child_id, :month, 'USD', 140000, 5000)
    """
    row = values(home, child_id=home.sibling_id)
    await home.execute(unfunded, **row)
    await refused(home, RECLAIM, "no such funded", **{**row, "allocation_id": row["id"], "id": new_id()})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"week": date(2035, 11, 6)}, "ck_attendance_week"),
        ({"days": 8}, "ck_attendance_family_days"),
        ({"days": 4, "half_days": 4}, "ck_attendance_family_days"),
        ({"days": -1}, "ck_attendance_family_days"),
        ({"entered": None}, "ck_attendance_family_entry"),
    ],
)
async def test_attendance_that_makes_no_sense_is_refused(home: Household, changes: dict[str, Any], reason: str) -> None:
    now = await home.value("select now()")
    row = {**values(home), "week": date(2035, 11, 5), "days": 0, "half_days": 0, "entered": now}
    await refused(home, ATTENDANCE, reason, **{**row, **changes})
    await home.execute(ATTENDANCE, **row)


@pytest.mark.parametrize("table", ["care_day", "payment_intent", "payment_intent_item", "provider_payment", "reclaim"])
async def test_nothing_that_was_promised_or_paid_is_deleted(home: Household, table: str) -> None:
    await refused(home, f"delete from {table}", "permission denied|is kept")


async def test_a_day_is_in_one_payment_and_does_not_change_while_it_is(home: Household) -> None:
    day = await a_day(home)
    payment = await a_payment(home, day)
    with pytest.raises(DBAPIError, match="uq_payment_intent_item_care_day_id"):
        await a_payment(home, day)
    await refused(home, "update care_day set deleted_at = now() where id = :id", "while it is in a payment", id=day)
    await refused(home, "update payment_intent_item set released_at = now()", "only released")

    await home.execute("update payment_intent set state = 'cancelled', ended_at = now() where id = :id", id=payment)

    assert await home.value("select released_at is not null from payment_intent_item")
    await a_payment(home, day)


@pytest.mark.parametrize(
    ("amount", "changes"), [(4_000, {}), (5_000, {"provider": "other"}), (5_000, {"allocation": "other"})]
)
async def test_an_item_is_a_day_of_the_payments_provider_and_allocation_for_its_amount(
    home: Household, amount: int, changes: dict[str, str]
) -> None:
    day = await a_day(home)
    given: dict[str, Any] = {}
    if "provider" in changes:
        given["provider_id"] = home.other_provider_id
    if "allocation" in changes:
        given["allocation_id"] = await home.allocate(home.sibling_id, MONTH, 50_000)
        given["child_id"] = home.sibling_id
    with pytest.raises(DBAPIError, match="does not fit the payment"):
        await a_payment(home, day, amount, **given)


async def test_the_items_make_the_amount(home: Household) -> None:
    await refused(home, INTENT, "make its amount", **values(home))


async def test_a_payment_is_written_only_with_an_applied_payout(home: Household) -> None:
    payment = await a_payment(home, await a_day(home))
    await refused(
        home,
        "update payment_intent set state = 'paid', funded_at = now(), ended_at = now() where id = :id",
        "with its payment",
        id=payment,
    )


async def test_a_payment_that_ended_does_not_change(home: Household) -> None:
    payment = await a_payment(home, await a_day(home))
    await refused(home, "update payment_intent set amount_cents = 1 where id = :id", "does not change", id=payment)
    await home.execute("update payment_intent set state = 'cancelled', ended_at = now() where id = :id", id=payment)
    reopen = "update payment_intent set state = 'submitted', ended_at = null where id = :id"
    await refused(home, reopen, "ended does not change", id=payment)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("allocation_cents = 140001", "allocation_under_way|under way|allocation_cents"),
        ("allocation_cents = -1", "under way|allocation_cents"),
        ("selected_cents = 100001", "selected_fits"),
        ("selected_cents = -1", "not_negative"),
        ("paid_cents = 1", "paid_was_selected"),
        ("reclaimed_cents = 100001", "selected_fits"),
        ("funding_state = 'unfunded', funded_at = null", "under way"),
        ("month = '2035-12-01'", "under way"),
    ],
)
async def test_a_budget_is_never_negative_and_a_funded_one_stays_funded(
    home: Household, change: str, reason: str
) -> None:
    await refused(home, f"update month_allocation set {change}", reason)


async def test_a_child_has_one_allocation_per_month(home: Household) -> None:
    with pytest.raises(DBAPIError, match="uq_month_allocation_child_month"):
        await home.allocate(home.child_id, MONTH, 1)


async def test_another_organizations_wallet_allocation_and_rows_are_out_of_reach(
    home: Household, database: Database
) -> None:
    other = await household(database)
    await refused(
        home,
        DAY,
        "no such allocation|row-level",
        **values(home, allocation_id=other.allocation_id, child_id=other.child_id),
    )
    wallet = "insert into chek_wallet (id, organization_id, chek_user_id) values (:id, :organization_id, :user)"
    await refused(
        home,
        wallet,
        "uq_chek_wallet_chek_user_id",
        id=new_id(),
        organization_id=home.organization_id,
        user=other.users[0],
    )
    assert await home.value("select count(*) from month_allocation") == 1
    assert (
        await home.execute("update month_allocation set code = 'x' where id = :id", id=other.allocation_id)
    ).rowcount == 0


ONBOARDING = """
    insert into onboarding (id, organization_id, family_id, provider_id, program_id, method, person, fingerprint, state)
    values (:id, :organization_id, :family_id, :provider_id, :program_id, :method, :person, :person, :state)
"""


def onboarding(home: Household, **changes: Any) -> dict[str, Any]:
    """A right one, of somebody who has a wallet."""
    whole = {"family_id": home.family_id, "provider_id": None, "program_id": None, "method": None}
    return {**values(home), **whole, "person": b"sealed", "state": "submitted", **changes}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"family_id": None}, "one_person"),
        ({"method": "ach"}, "method_of_provider"),
        ({"person": None}, "person"),
        ({"state": "onboarded"}, "ended"),
        ({"state": "asleep"}, "state"),
    ],
)
async def test_an_onboarding_that_makes_no_sense_is_refused(
    home: Household, changes: dict[str, Any], reason: str
) -> None:
    await refused(home, ONBOARDING, reason, **onboarding(home, **changes))


async def test_one_open_onboarding_for_each_person_and_a_card_has_its_programme(home: Household) -> None:
    await home.execute(ONBOARDING, **onboarding(home))
    await refused(home, ONBOARDING, "uq_onboarding_family_open", **onboarding(home))
    card = {"family_id": None, "provider_id": home.provider_id, "method": "card"}
    await refused(home, ONBOARDING, "card_of_program", **onboarding(home, **card))
    await refused(home, "delete from onboarding", "denied|is kept")


async def test_nobody_is_known_without_a_wallet_or_onboarded_without_the_method_set_up(home: Household) -> None:
    stranger = new_id()
    async with home.work() as uow:
        await family.add_family(uow, id=stranger, external_id="stranger", name="S")
    await refused(home, ONBOARDING, "without a wallet", **onboarding(home, family_id=stranger, state="known"))
    given = onboarding(home, family_id=None, provider_id=home.provider_id, method="ach", state="known")
    await home.execute(ONBOARDING, **given)
    onboarded = "update onboarding set state = 'onboarded', ended_at = now() where id = :id"
    await refused(home, onboarded, "not set up", id=given["id"])
    await refused(home, "update onboarding set method = null where id = :id", "does not change", id=given["id"])
    await home.execute("update onboarding set state = 'cancelled', ended_at = now() where id = :id", id=given["id"])
    await refused(home, "update onboarding set code = 'x' where id = :id", "ended does not change", id=given["id"])


async def test_of_four_children_that_come_at_once_two_find_a_place_with_a_provider(home: Household) -> None:
    provider_id, children = new_id(), []
    async with home.work() as uow:
        await provider.add(uow, id=provider_id, external_id=f"p{provider_id.hex}", name="P", kind="home")
        for number in range(4):
            named = {"external_id": f"x{number}", "name": "C", "family_id": home.family_id}
            children.append(await family.add_child(uow, id=new_id(), program_id=home.program_id, **named))
    rate = (
        "insert into payment_rate (id, organization_id, provider_id, child_id, effective_from, half_day_cents,"
        " full_day_cents, currency) values (:id, :owner, :provider, :child, :day, 3000, 5000, 'USD')"
    )

    async def bring(child: Any, day: date = date(2024, 1, 1)) -> None:
        named = {"owner": home.organization_id, "provider": provider_id, "child": child["id"], "day": day}
        await home.execute(rate, id=new_id(), **named)

    outcomes = await asyncio.gather(*(bring(child) for child in children), return_exceptions=True)
    refused = [getattr(error.orig, "sqlstate", None) for error in outcomes if isinstance(error, DBAPIError)]
    assert refused == ["BC008", "BC008"]
    brought = next(child for child, outcome in zip(children, outcomes, strict=True) if outcome is None)
    await bring(brought, date(2025, 1, 1))
    with pytest.raises(DBAPIError, match="is kept"):
        await home.execute("update payment_rate set full_day_cents = 1 where provider_id = :p", p=provider_id)


async def test_of_two_children_that_are_enabled_anew_at_once_one_finds_the_last_place(home: Household) -> None:
    provider_id, children = new_id(), []
    async with home.work() as uow:
        await provider.add(uow, id=provider_id, external_id=f"p{provider_id.hex}", name="P", kind="home")
        for number in range(3):
            named = {"external_id": f"y{number}", "name": "C", "family_id": home.family_id}
            children.append(new_id())
            await family.add_child(uow, id=children[-1], program_id=home.program_id, **named)
    enable = "update child set payment_enabled = :enabled where id = :id"
    for child_id in children:
        async with home.work() as uow:
            await providers.set_rate(uow, provider_id, child_id, date(2024, 1, 1), 3_000, 5_000)
        if child_id != children[-1]:
            await home.execute(enable, enabled=False, id=child_id)

    outcomes = await asyncio.gather(
        *(home.execute(enable, enabled=True, id=child_id) for child_id in children[:2]), return_exceptions=True
    )

    refused = [getattr(error.orig, "sqlstate", None) for error in outcomes if isinstance(error, DBAPIError)]
    assert refused == ["BC008"]
    # what it is and stays needs no place
    await home.execute("update child set name = 'D', payment_enabled = payment_enabled")
