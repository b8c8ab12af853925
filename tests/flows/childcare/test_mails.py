"""Stories of mails about payments: in the reader's language, after the fact, and of no consequence to it (S19)."""

from typing import Any

from tests.flows.childcare.books import prove
from tests.flows.childcare.test_settlement import returned
from tests.flows.childcare.town import Person, Town


async def written_to(town: Town, kind: str, person: Person, language: str) -> str:
    """The person has an address and a language."""
    address = f"{person.id}@example.test"
    await town.system.post(f"/v1/{kind}/{person.id}/contact", {"email": address, "language": language})
    return address


async def mail_to(town: Town, address: str, *, count: int = 1) -> list[dict[str, Any]]:
    """The mails in the pretend mailbox for an address, once there are that many."""

    async def look() -> list[dict[str, Any]]:
        answer = await town.system.control.get("/mailbox/messages", params={"to": address})
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    return list(await town.system.eventually(look, lambda seen: len(seen) >= count))


async def test_the_provider_is_told_in_its_language_what_was_paid_day_by_day(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    address = await written_to(town, "providers", provider, "ar")
    child = await town.child(family)
    allocation = await town.allocation(child)
    await town.rate(provider, child)

    payment = await town.pay(await town.care_days(allocation, provider, 3, 4))

    (mail,) = await mail_to(town, address)
    assert mail["subject"] == "دفعة جديدة: $100.00"
    assert 'dir="rtl"' in mail["html"]
    assert all(text in mail["text"] for text in (town.day(3).isoformat(), "$50.00", "Ana", payment["id"]))
    seen = await town.system.get(f"/v1/providers/{provider.id}")
    assert (seen["has_email"], address in str(seen)) == (True, False)


async def test_a_mail_server_that_is_away_delays_the_mail_and_never_the_payment(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    address = await written_to(town, "providers", provider, "es")
    allocation = await town.allocation(await town.child(family))
    body = {"partner": "mailbox", "kind": "refuse_connection", "count": None}
    fault = (await town.system.control.post("/faults", json=body)).json()["id"]

    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))

    assert payment["state"] == "paid"
    await town.system.control.delete(f"/faults/{fault}")
    (mail,) = await mail_to(town, address)
    assert mail["subject"] == "Nuevo pago: $300.00"
    await prove(town, provider)


async def test_a_mail_is_sent_once_more_when_somebody_asks_and_nothing_else_is_done_again(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    address = await written_to(town, "providers", provider, "en")
    allocation = await town.allocation(await town.child(family))
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    await mail_to(town, address)
    listed = await town.system.until("/v1/mails?state=sent", lambda seen: len(seen["data"]) == 1)
    (mail,) = listed["data"]
    assert (mail["template"], mail["subject_id"], mail["attempts"]) == ("childcare_paid_en", payment["id"], 1)
    assert address not in str(mail)

    await town.system.post(f"/v1/mails/{mail['id']}/resend", {"reason": "it was lost"})

    first, second = await mail_to(town, address, count=2)
    assert first["subject"] == second["subject"]
    path = f"/v1/mails/{mail['id']}"
    again = await town.system.until(path, lambda seen: seen["attempts"] == 2)
    assert again["sent_at"] == mail["sent_at"], "when it was first sent stays"
    await prove(town, provider)


async def test_a_return_is_told_to_provider_and_family_each_in_its_language(town: Town) -> None:
    family, provider, payment = await returned(town)
    assert payment["state"] == "returned", "nobody has an address, and nothing else came of it"

    to_provider = await written_to(town, "providers", provider, "ru")
    to_family = await written_to(town, "families", family, "es")
    await town.ask(payment, "retry")
    again = await town.until(payment, "paid")
    await town.at_the_bank(again["payment"]["chek_id"], "return", code="R03")
    await town.watch_payouts()

    subjects = {mail["subject"] for mail in await mail_to(town, to_provider, count=2)}
    assert subjects == {"Новый платёж: $300.00", "Ваш платёж $300.00 вернулся"}
    (mail,) = await mail_to(town, to_family)
    assert mail["subject"] == "El pago de $300.00 a Sunny Days fue devuelto"
