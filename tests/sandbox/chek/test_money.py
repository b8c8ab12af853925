"""Balances that really move, twice when asked twice, and never below zero."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.sandbox.chek.people import People
from tests.sandbox.speakers import Control


async def test_program_to_wallet_receives_on_the_path_user(people: People, control: Control) -> None:
    user = await people.user()
    await control.put("/chek/programs/501/balance", balance=1_000)
    answer = (await people.transfer(user, "program_to_wallet", 501, 400)).json()
    assert answer["source"] == {"id": 501, "balance": 600, "type": "program"}
    assert answer["destination"] == {"id": user, "balance": 400, "type": "wallet"}
    assert (answer["transfer"]["amount"], type(answer["transfer"]["id"])) == (400, int)


async def test_wallet_to_wallet_pays_from_the_path_user(people: People) -> None:
    family, provider = await people.user(1_000), await people.user(email="p@example.org")
    answer = (
        await people.transfer(family, "wallet_to_wallet", provider, 300, description="care", metadata={"intent": "x"})
    ).json()
    assert (answer["source"]["id"], answer["source"]["balance"]) == (family, 700)
    assert (answer["destination"]["id"], answer["destination"]["balance"]) == (provider, 300)


async def test_wallet_to_program_pays_from_the_path_user(people: People) -> None:
    user = await people.user(1_000)
    answer = (await people.transfer(user, "wallet_to_program", 501, 250)).json()
    assert (answer["source"]["balance"], answer["destination"]["balance"]) == (750, 250)


async def test_the_same_call_twice_moves_twice(people: People) -> None:
    family, provider = await people.user(1_000), await people.user()
    for _ in range(2):
        await people.transfer(family, "wallet_to_wallet", provider, 300, description="same")
    assert (await people.wallet(family), await people.wallet(provider)) == (400, 600)


async def test_twenty_racing_transfers_never_overdraw(people: People) -> None:
    family, provider = await people.user(1_000), await people.user()
    answers = await asyncio.gather(*(people.transfer(family, "wallet_to_wallet", provider, 150) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 6 + [400] * 14
    assert (await people.wallet(family), await people.wallet(provider)) == (100, 900)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "100"},
        {"amount": True},
        {"amount": 1_001},
        {"amount": 66_600},
        {"flow_direction": "wallet_to_moon"},
        {"program_id": 501},
        {"program_id": "502"},
        {"counterparty_id": "999", "program_id": "999"},
        {"surprise": 1},
        {"metadata": "text"},
    ],
)
async def test_a_refused_transfer_moves_nothing(
    changes: dict[str, Any], people: People, chek: httpx.AsyncClient, control: Control
) -> None:
    user = await people.user(1_000)
    await control.put("/chek/programs/501/balance", balance=1_000)
    body = {"flow_direction": "wallet_to_program", "program_id": "501", "counterparty_id": "501", "amount": 1}
    response = await chek.post(f"users/{user}/transfer_balance/", json=body | changes)
    assert response.status_code in (400, 404)
    assert await people.wallet(user) == 1_000


async def test_nobody_pays_himself(people: People) -> None:
    user = await people.user(1_000)
    assert (await people.transfer(user, "wallet_to_wallet", user, 1)).status_code == 400


async def test_a_lost_answer_is_seen_in_the_balances_only(people: People, control: Control) -> None:
    family, provider = await people.user(1_000), await people.user()
    await control.fault("chek", "cut_after", operation="users.transfer_balance", match={"reference": "care 1"})
    with pytest.raises(httpx.RemoteProtocolError):
        await people.transfer(family, "wallet_to_wallet", provider, 300, description="care 1")
    assert (await people.wallet(family), await people.wallet(provider)) == (700, 300)


async def test_wrong_answers_are_about_another_amount_or_another_person(people: People, control: Control) -> None:
    family, provider = await people.user(1_000), await people.user()
    await control.fault("chek", "wrong_amount")
    answer = (await people.transfer(family, "wallet_to_wallet", provider, 300)).json()
    assert answer["transfer"]["amount"] == 301
    await control.fault("chek", "wrong_reference")
    answer = (await people.transfer(family, "wallet_to_wallet", provider, 300)).json()
    assert answer["source"]["id"] == family + 1
    assert await people.wallet(family) == 400


async def test_movements_that_others_made_show_in_the_balance(people: People, control: Control) -> None:
    user = await people.user(1_000)
    wallet = {"kind": "wallet", "id": user}
    await control.post("/chek/movements", source=wallet, destination={"kind": "outside"}, amount=300)
    assert await people.wallet(user) == 700
    too_much = {"source": wallet, "destination": {"kind": "outside"}, "amount": 701}
    assert (await control.client.post("/chek/movements", json=too_much)).status_code == 409


async def test_a_card_is_made_empty_or_funded(people: People, chek: httpx.AsyncClient) -> None:
    user = await people.user(1_000)
    path = f"users/{user}/create_card/"
    empty = (await chek.post(path, json={"program_id": 501, "funding_method": "wallet_balance", "amount": 0})).json()
    assert "transfer" not in empty
    assert (empty["card"]["status"], type(empty["card"]["id"])) == ("Active", str)
    funded = (await chek.post(path, json={"program_id": 501, "funding_method": "wallet_balance", "amount": 400})).json()
    assert (funded["transfer"]["amount"], funded["user"]["balance"]) == (400, 600)
    cards = (await chek.get(f"users/{user}/")).json()["cards"]
    assert [card["id"] for card in cards] == [empty["card"]["id"], funded["card"]["id"]]
    alone = (await chek.get(f"cards/{funded['card']['id']}/")).json()
    assert (alone["id"], alone["last4"]) == (int(funded["card"]["id"]), funded["card"]["last4"])
    assert "balance" not in alone


async def test_a_card_that_cannot_be_funded_is_not_made(people: People, chek: httpx.AsyncClient) -> None:
    user = await people.user(100)
    body = {"program_id": 501, "funding_method": "wallet_balance", "amount": 101}
    assert (await chek.post(f"users/{user}/create_card/", json=body)).status_code == 400
    assert (await chek.get(f"users/{user}/")).json()["cards"] == []


@pytest.mark.parametrize(("name", "status"), [("Cardpending", "Pending"), ("Cardinactive", "Inactive")])
async def test_a_card_that_is_not_active_takes_no_money(
    name: str, status: str, people: People, chek: httpx.AsyncClient, control: Control
) -> None:
    user = await people.user(1_000, last_name=name)
    body = {"program_id": 501, "funding_method": "wallet_balance", "amount": 0}
    card = (await chek.post(f"users/{user}/create_card/", json=body)).json()["card"]
    assert card["status"] == status
    move = {"direction": "allocate_to_card", "funding_method": "wallet", "amount": 100}
    assert (await chek.post(f"cards/{card['id']}/transfer_balance/", json=move)).status_code == 400
    await control.put(f"/chek/cards/{card['id']}", status="Active")
    assert (await chek.post(f"cards/{card['id']}/transfer_balance/", json=move)).status_code == 200


@pytest.mark.parametrize("method", ["wallet", "program"])
async def test_money_goes_to_a_card_and_back(
    method: str, people: People, chek: httpx.AsyncClient, control: Control
) -> None:
    user = await people.user(1_000)
    await control.put("/chek/programs/501/balance", balance=1_000)
    body = {"program_id": 501, "funding_method": "wallet_balance", "amount": 0}
    card = (await chek.post(f"users/{user}/create_card/", json=body)).json()["card"]["id"]
    path, move = f"cards/{card}/transfer_balance/", {"funding_method": method, "amount": 300}
    to = (await chek.post(path, json=move | {"direction": "allocate_to_card"})).json()
    assert (to["card"]["balance"], to["transfer"]["type"]) == (300, "allocate_to_card")
    assert to["user"]["balance"] == (700 if method == "wallet" else 1_000)
    back = (await chek.post(path, json=move | {"direction": "remit_from_card"})).json()
    assert (back["card"]["balance"], back["user"]["balance"]) == (0, 1_000)
    assert (await chek.post(path, json=move | {"direction": "remit_from_card"})).status_code == 400
