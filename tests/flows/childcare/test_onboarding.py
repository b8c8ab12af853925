"""Stories of onboarding: one Chek user for one person, one invitation, one card, whatever is asked how often."""

import asyncio
from typing import Any

import pytest

from tests.flows.childcare.books import prove
from tests.flows.childcare.town import ADDRESS, Person, Town

USERS, INVITATIONS, CARDS = "users.create", "directpay.invite", "users.create_card"
LONG = ("Maria-Magdalena", "Constantinopolitanska")


def person(email: str, first: str = "Maria", last: str = "Keller") -> dict[str, Any]:
    """As a caller's own service knows somebody."""
    return {"first_name": first, "last_name": last, "email": email, "phone": "+13035550101", "address": ADDRESS}


async def onboard(town: Town, *, wait: int = 15, **body: Any) -> dict[str, Any]:
    """Ask for it."""
    asked: dict[str, Any] = await town.system.post("/v1/onboardings", body, wait=wait)
    return asked


async def until(town: Town, onboarding: dict[str, Any], *states: str) -> dict[str, Any]:
    """The onboarding, once it is in one of these states."""
    found: dict[str, Any] = await town.system.until(
        f"/v1/onboardings/{onboarding['id']}", lambda seen: seen["state"] in states, seconds=30
    )
    return found


async def ask(town: Town, onboarding: dict[str, Any], verb: str) -> dict[str, Any]:
    """A command that must be accepted."""
    path = f"/v1/onboardings/{onboarding['id']}/{verb}"
    asked: dict[str, Any] = await town.system.post(path, {"reason": "as the story goes"})
    return asked


async def a_family(town: Town, name: str = "family-7") -> str:
    """Registered, without a wallet."""
    return str((await town.system.post("/v1/families", {"external_id": name, "name": "Keller"}))["id"])


async def a_provider(town: Town, name: str = "provider-3") -> str:
    """Registered, without a wallet."""
    body = {"external_id": name, "name": "Sunny Days", "kind": "home"}
    return str((await town.system.post("/v1/providers", body))["id"])


async def settings_of(town: Town, provider_id: str, status: str) -> dict[str, Any]:
    """How the provider is paid, once Chek was asked and said so."""
    seen = await town.system.until(
        f"/v1/providers/{provider_id}",
        lambda seen: status in (seen["payment_settings"]["direct_pay_status"], seen["payment_settings"]["card_status"]),
    )
    settings: dict[str, Any] = seen["payment_settings"]
    return settings


async def _waits(town: Town, asked: list[dict[str, Any]]) -> bool:
    """Whether one of them waits for the person whom another makes known."""
    seen = [await town.system.get(f"/v1/onboardings/{each['id']}") for each in asked]
    return any(each["detail"]["waiting_for"] == "wallet" for each in seen)


async def chek_users(town: Town) -> list[dict[str, Any]]:
    """All persons at Chek."""
    return list((await town.chek.get("users/", params={"page_size": 100})).json()["results"])


async def test_a_family_gets_a_wallet_under_a_name_that_fits_and_its_waiting_month_is_funded(town: Town) -> None:
    family_id = await a_family(town)
    child = {"family_id": family_id, "program_id": town.program_id, "external_id": "child-7", "name": "Ana"}
    child_id = (await town.system.post("/v1/children", child))["id"]
    allocation = await town.allocation(child_id, wait=0)
    path = f"/v1/allocations/{allocation['id']}"
    await town.system.until(path, lambda seen: seen["code"] == "family_not_onboarded")

    done = await onboard(town, family_id=family_id, person=person("maria@example.test", *LONG))

    assert (done["state"], done["code"]) == ("onboarded", None)
    (user,) = await chek_users(town)
    assert (user["first_name"], user["last_name"]) == ("Maria-Magdalena", "Constant")
    assert done["chek_user_id"] == str(user["id"])
    assert (await town.system.get(f"/v1/families/{family_id}"))["chek_user_id"] == str(user["id"])
    assert LONG[1][:8] not in str(done), "who a person is goes in and is shown nowhere"
    await town.system.until(path, lambda seen: seen["funding_state"] == "funded")
    refused = await town.system.api.post(
        "/v1/onboardings",
        json={"family_id": family_id, "person": person("maria@example.test")},
        headers={"Idempotency-Key": "again"},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "already_onboarded")
    await prove(town)


async def test_who_is_family_and_provider_shares_one_user_and_an_invitation_alone_is_no_method(town: Town) -> None:
    family_id, provider_id = await a_family(town), await a_provider(town)
    body = {"provider_id": provider_id, "person": person("Maria@Example.test"), "method": "ach"}
    # at once: while one stands at Chek the other waits, and then finds what the first has made
    held = await town.fault(USERS, "pause_before")
    asked = await asyncio.gather(
        onboard(town, family_id=family_id, person=person("maria@example.test"), wait=0),
        *(onboard(town, **body, wait=0) for _ in range(2)),
    )
    assert asked[1]["id"] == asked[2]["id"], "who is being onboarded is not twice"
    await town.system.eventually(lambda: town.waiting(held))
    await town.system.eventually(lambda: _waits(town, asked))
    await town.system.control.post(f"/faults/{held}/release")
    ended = [await until(town, each, "onboarded", "stopped") for each in asked]

    assert [each["state"] for each in ended] == ["onboarded"] * 3, ended
    assert len({each["chek_user_id"] for each in ended}) == len(await chek_users(town)) == 1
    settings = await settings_of(town, provider_id, "Invited")
    assert (settings["method"], settings["direct_pay_id"]) == ("ach", None)
    again = await onboard(town, provider_id=provider_id, method="ach")
    assert (again["state"], [call["code"] for call in again["detail"]["money_calls"]]) == (
        "onboarded",
        ["already_there"],
    )
    assert [len(await town.sent(what)) for what in (USERS, INVITATIONS)] == [1, 1]

    # paid to only once the bank setup is finished (S32)
    allocation = await town.allocation(await town.child(await town.family()), 20_000)
    lump = await town.lump_sum(allocation, Person(provider_id, int(ended[0]["chek_user_id"])), 2_000)
    payment = await town.pay_lump(lump)
    assert (payment["state"], payment["code"]) == ("funding_stopped", "method_missing")
    await town.bank_account(int(ended[0]["chek_user_id"]), "Active")
    await town.ask(payment, "retry")
    await town.until(payment, "paid")
    await prove(town)


async def test_a_card_is_made_once_and_another_only_where_none_can_be_used(town: Town) -> None:
    provider_id = await a_provider(town)
    card: dict[str, Any] = {"provider_id": provider_id, "method": "card", "program_id": town.program_id}
    first = await onboard(town, **card, person=person("sunny@example.test"))
    assert first["state"] == "onboarded"
    settings = await settings_of(town, provider_id, "Active")
    assert settings["method"] == "card"

    assert (await onboard(town, **card))["state"] == "onboarded"
    assert len(await town.sent(CARDS)) == 1
    await town.system.control.put(f"/chek/cards/{settings['card_id']}", json={"status": "Inactive"})
    lost = await town.fault(CARDS, "cut_after")
    assert (await until(town, await onboard(town, **card, wait=0), "onboarded"))["state"] == "onboarded"
    assert await town.waiting(lost) == 0
    assert len(await town.sent(CARDS)) == 2, "the lost answer's card was found, not made again"
    seen = await town.system.until(
        f"/v1/providers/{provider_id}",
        lambda seen: seen["payment_settings"]["card_id"] != settings["card_id"],
    )
    assert seen["payment_settings"]["card_status"] == "Active"
    # the other method, beside the card: by which of them is paid is a choice of its own
    assert (await onboard(town, provider_id=provider_id, method="ach"))["state"] == "onboarded"
    assert (await settings_of(town, provider_id, "Invited"))["method"] == "card"


@pytest.mark.parametrize(("kind", "states"), [("cut_after", ["onboarded"]), ("cut_before", ["stopped", "onboarded"])])
async def test_after_a_lost_answer_the_user_is_looked_for_before_anything_is_repeated(
    town: Town, kind: str, states: list[str]
) -> None:
    await town.fault(USERS, kind)
    asked = await onboard(town, family_id=await a_family(town), person=person("maria@example.test"), wait=0)

    seen = await until(town, asked, "onboarded", "stopped")

    assert seen["state"] == states[0]
    if seen["state"] == "stopped":
        assert (seen["code"], seen["who_must_act"]) == ("not_made", "nobody")
        await ask(town, seen, "retry")
        seen = await until(town, asked, "onboarded")
    assert len(await chek_users(town)) == 1
    assert seen["detail"]["ledger_lines"] == []


async def test_what_chek_refuses_and_what_cannot_be_known_is_a_persons_to_decide(town: Town) -> None:
    family_id = await a_family(town)
    refused = await onboard(town, family_id=family_id, person=person("maria@example.test", last="Refused"))
    assert (refused["state"], refused["code"], refused["who_must_act"]) == ("stopped", "chek_400", "operator")
    assert [(case["kind"], case["state"]) for case in refused["detail"]["cases"]] == [("stopped", "open")]
    assert (await ask(town, refused, "cancel"))["state"] == "cancelled"
    cancelled = await town.system.get(f"/v1/onboardings/{refused['id']}")
    assert [(case["kind"], case["state"]) for case in cancelled["detail"]["cases"]] == [("stopped", "closed")]

    # two at Chek under one e-mail: which of them it is, nobody here can know
    for _ in range(2):
        body = person("maria@example.test") | {"phone": "+13035550199"}
        assert (await town.chek.post("users/", json=body)).is_success
    users = await chek_users(town)
    doubtful = await onboard(town, family_id=family_id, person=person("maria@example.test"))
    assert (doubtful["state"], doubtful["code"]) == ("stopped", "several_users")
    await town.system.post(f"/v1/families/{family_id}/wallet", {"chek_user_id": str(users[1]["id"])})
    await ask(town, doubtful, "retry")
    done = await until(town, doubtful, "onboarded")
    assert done["chek_user_id"] == str(users[1]["id"])
    assert len(await chek_users(town)) == 2

    # whose e-mail is another family's is not given its wallet
    other = await onboard(town, family_id=await a_family(town, "family-8"), person=person("thea@example.test"))
    assert other["state"] == "onboarded"
    taken = await onboard(town, family_id=await a_family(town, "family-9"), person=person("thea@example.test"))
    assert (taken["state"], taken["code"]) == ("stopped", "chek_user_taken")
    assert (await ask(town, taken, "cancel"))["state"] == "cancelled"
