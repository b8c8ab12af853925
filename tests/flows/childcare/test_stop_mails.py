"""Stories of mails about payments that stopped: to whom can mend it, once a day for each payment and reason."""

import asyncio
from typing import Any

import pytest

from activities.mail_message import message
from db.queries.mail import Letter
from domain.ids import new_id
from settings import Settings
from tests.flows.childcare.books import balances, prove
from tests.flows.childcare.pay_run import ended, pairs_of, start
from tests.flows.childcare.test_attendance import entry, paid_week
from tests.flows.childcare.test_mails import mail_to, written_to
from tests.flows.childcare.test_stopped import TRANSFER, stopped_at_payout
from tests.flows.childcare.town import Town

STAFF = "staff@example.test"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Staff has an address."""
    return settings.model_copy(update={"childcare": settings.childcare.model_copy(update={"staff_mail": STAFF})})


async def templates(town: Town) -> list[str]:
    """The templates of all mails that were written, oldest first."""
    return [mail["template"] for mail in reversed((await town.system.get("/v1/mails"))["data"])]


async def test_a_provider_is_told_that_its_bank_account_is_in_the_way_and_staff_what_is_its_own(town: Town) -> None:
    _, provider, payment = await stopped_at_payout(town)
    address = await written_to(town, "providers", provider, "es")
    await town.ask(payment, "retry")
    (mail,) = await mail_to(town, address)
    assert mail["subject"] == "Su pago de $300.00 le está esperando"
    assert all(text in mail["text"] for text in ("su cuenta bancaria", "Ana", payment["id"]))
    await town.until(payment, "payout_stopped")
    await town.ask(payment, "retry")
    await asyncio.sleep(0.3)
    stopped = await town.until(payment, "payout_stopped")
    assert [case["state"] for case in stopped["detail"]["cases"]] == ["closed"], "it was of the time without an address"
    assert await templates(town) == ["childcare_stopped_es"], "one a day, and none to staff, who can do nothing here"
    await town.system.post(f"/v1/providers/{provider.id}/payment-settings", {"method": "card"})
    await town.until(payment, "paid")

    other = await town.allocation(await town.child(await town.family()))
    await town.fault(TRANSFER, "status:400", match={"amount": 20_000})
    refused = await town.pay_lump(await town.lump_sum(other, provider, 20_000))

    assert (refused["state"], refused["code"]) == ("funding_stopped", "balances_unmoved")
    (to_staff,) = await mail_to(town, STAFF)
    assert to_staff["subject"] == "Provider payment of $200.00 stopped (balances_unmoved)"
    assert refused["id"] in to_staff["text"]
    await prove(town, provider)


async def test_each_side_is_told_which_week_it_has_not_entered_when_a_pay_run_cannot_pay_for_it(town: Town) -> None:
    provider = await town.provider("ach")
    family, child, allocation = await paid_week(town, provider)
    to_family = await written_to(town, "families", family, "ru")
    to_provider = await written_to(town, "providers", provider, "ar")
    later = await town.care_days(allocation, provider, 22)
    await town.advance((town.day(15) - town.today).days)
    period: dict[str, Any] = {"first_day": town.day(22).isoformat(), "last_day": town.day(22).isoformat()}

    run = await ended(town, await start(town, **period), "finished")

    assert pairs_of(run) == {"refused": 1}
    (mail,) = await mail_to(town, to_family)
    assert mail["subject"] == "Заполните посещаемость: Ana"
    assert all(text in mail["text"] for text in (town.day(1).isoformat(), run["id"], "$50.00"))
    (mail,) = await mail_to(town, to_provider)
    assert 'dir="rtl"' in mail["html"]
    for side in ("family", "provider"):
        await town.system.post("/v1/attendance", entry(town, child, provider, side))
    assert (await town.pay(later))["state"] == "paid"
    await prove(town, provider)


@pytest.mark.parametrize("language", ["en", "es", "ru", "ar"])
@pytest.mark.parametrize("what", ["stopped", "attendance"])
def test_every_language_says_all_of_it(what: str, language: str) -> None:
    values: dict[str, Any] = {
        "name": "N.",
        "amount": "$1.00",
        "child": "Ana",
        "provider": "Sunny",
        "payment_id": "ppay_1",
    }
    said = set()
    for method in ("ach", "card", None):
        values |= {"method": method, "weeks": "2035-11-05"}
        letter = Letter(new_id(), f"childcare_{what}_{language}", "", "", sent=False, recipient="a@b.c", values=values)
        built = message(letter, "x@example.test")
        plain = built.get_body(("plain",))
        assert plain is not None
        text = plain.get_content()
        assert all(part in text for part in ("N.", "$1.00", "Ana", "ppay_1"))
        said.add(text)
    assert len(said) == (3 if what == "stopped" else 1)


async def test_a_card_that_was_closed_is_followed_by_another_one_and_the_payment_goes_on_by_itself(town: Town) -> None:
    provider = await town.provider("card")
    address = await written_to(town, "providers", provider, "en")
    allocation = await town.allocation(await town.child(await town.family()))
    closed = (await town.system.post(f"/v1/providers/{provider.id}/refresh", {}, wait=15))["payment_settings"][
        "card_id"
    ]
    await town.system.control.put(f"/chek/cards/{closed}", json={"status": "Inactive"})
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    assert (payment["state"], payment["code"]) == ("funding_stopped", "method_inactive")
    assert "your card" in (await mail_to(town, address))[0]["text"]
    assert payment["detail"]["cases"] == []

    body = {"provider_id": provider.id, "method": "card", "program_id": town.program_id}
    await town.system.post("/v1/onboardings", body, wait=15)

    paid = await town.until(payment, "paid")
    assert len(paid["detail"]["money_calls"]) == 2, "what stopped before it was recorded is no money call"
    held = {which: balance for (kind, which), balance in (await balances(town)).items() if kind == "card"}
    assert held.pop(int(closed)) == 0
    assert list(held.values()) == [30_000]
    await prove(town, provider)


async def test_a_payment_goes_on_when_the_bank_setup_is_found_finished(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach", active=False)
    allocation = await town.allocation(await town.child(family))
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    assert (payment["state"], payment["code"]) == ("funding_stopped", "method_missing")
    await town.watch_payouts()
    await town.bank_account(provider.chek_user, "Active")
    await town.watch_payouts()
    await town.until(payment, "paid")
    await prove(town, provider)
