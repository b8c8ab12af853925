"""Keys, paths, users and invitations."""

from typing import Any

import httpx
import pytest

from sandbox.runner import SandboxRunner
from tests.sandbox.chek.people import PERSON, People
from tests.sandbox.speakers import Control, chek_client


async def test_a_user_is_created_with_an_empty_wallet(chek: httpx.AsyncClient) -> None:
    user = (await chek.post("users/", json=PERSON)).json()
    assert set(user) == {
        "id", "created", "first_name", "last_name", "email", "phone", "billing_address", "balance",
    }  # fmt: skip
    assert (type(user["id"]), user["balance"], user["phone"]) == (int, 0, "+13035550100")
    shown = (await chek.get(f"users/{user['id']}/")).json()
    assert (shown["cards"], shown["balance"], shown["email"]) == ([], 0, "ada@example.org")
    assert "added" in shown
    assert "directpay" not in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"phone": "3035550100"},
        {"first_name": ""},
        {"first_name": "Ada Maria", "last_name": "Lovelace Byron X"},  # 26 characters
        {"first_name": 5},
        {"address": None},
        {"address": PERSON["address"] | {"state": "Colorado"}},
        {"address": PERSON["address"] | {"street": "1 Main St"}},
        {"last_name": "Refused"},
        {"nickname": "A"},
    ],
)
async def test_bad_persons_are_refused(changes: dict[str, Any], chek: httpx.AsyncClient) -> None:
    assert (await chek.post("users/", json=PERSON | changes)).status_code == 400
    assert (await chek.get("users/")).json()["count"] == 0


async def test_a_name_of_exactly_24_characters_is_taken(chek: httpx.AsyncClient) -> None:
    response = await chek.post("users/", json=PERSON | {"first_name": "a" * 11, "last_name": "b" * 12})
    assert response.status_code == 200


async def test_creating_twice_makes_two_users_unless_told_otherwise(chek: httpx.AsyncClient, control: Control) -> None:
    first, second = [(await chek.post("users/", json=PERSON)).json()["id"] for _ in range(2)]
    assert first != second
    await control.client.patch("/chek/manners", json={"refuse_duplicate_email": True})
    assert (await chek.post("users/", json=PERSON)).status_code == 400


async def test_users_are_found_by_email_unless_the_filter_is_broken(
    chek: httpx.AsyncClient, people: People, control: Control
) -> None:
    await people.user()
    wanted = await people.user(email="grace@example.org")
    found = (await chek.get("users/", params={"email": "Grace@example.org"})).json()
    assert [user["id"] for user in found["results"]] == [wanted]
    await control.client.patch("/chek/manners", json={"email_filter_works": False})
    found = (await chek.get("users/", params={"email": "Grace@example.org"})).json()
    assert found["count"] == 2


async def test_lists_come_in_pages(chek: httpx.AsyncClient, people: People) -> None:
    ids = [await people.user() for _ in range(3)]
    first = (await chek.get("users/", params={"page_size": 2})).json()
    assert ([user["id"] for user in first["results"]], first["previous"], first["page_count"]) == (ids[:2], None, 2)
    second = (await chek.get(first["next"])).json()
    assert ([user["id"] for user in second["results"]], second["next"]) == (ids[2:], None)
    assert (await chek.get("users/", params={"page": 3})).status_code == 404


async def test_programs_are_listed_with_their_balance(chek: httpx.AsyncClient, control: Control) -> None:
    await control.put("/chek/programs/501/balance", balance=12_345)
    await control.post("/chek/programs", id=502, name="Second", balance=1)
    page = (await chek.get("programs/")).json()
    assert [(program["id"], program["balance"]) for program in page["results"]] == [(501, 12_345), (502, 1)]
    assert set(page) == {"next", "previous", "count", "page_size", "page_count", "results"}


async def test_reading_needs_one_key_and_writing_two(sandbox: SandboxRunner) -> None:
    for headers, get, post in (
        ({"API-Key": "wrong"}, 401, 401),
        ({"Write-Key": "wrong"}, 200, 403),
        ({"Write-Key": ""}, 200, 403),
    ):
        async with chek_client(sandbox.addresses["chek"], **headers) as client:
            assert (await client.get("users/")).status_code == get
            assert (await client.post("users/", json=PERSON)).status_code == post


async def test_paths_need_their_trailing_slash_and_the_right_account(chek: httpx.AsyncClient) -> None:
    assert (await chek.get("users")).status_code == 404
    assert (await chek.get("../2/users/")).status_code == 404
    assert (await chek.get("users/999/")).status_code == 404
    assert (await chek.get(f"users/{10**30}/")).status_code == 404


async def test_bodies_must_be_json_objects(chek: httpx.AsyncClient) -> None:
    assert (await chek.post("users/", data={"email": "a"})).status_code == 415
    for body in (b"{", b"[]", b"\xff"):
        response = await chek.post("users/", content=body, headers={"content-type": "application/json"})
        assert response.status_code == 400


async def test_an_invitation_is_a_bare_string_and_leaves_an_account_without_id(
    chek: httpx.AsyncClient, people: People
) -> None:
    user = await people.user()
    response = await chek.post("directpay_accounts/invite/", json={"user_id": user})
    assert isinstance(response.json(), str)
    direct_pay = (await chek.get(f"users/{user}/")).json()["directpay"]
    assert (direct_pay["status"], "id" in direct_pay) == ("Invited", False)


async def test_the_bank_setup_gives_the_account_its_id(people: People, chek: httpx.AsyncClient) -> None:
    user = await people.payable(0)
    direct_pay = (await chek.get(f"users/{user}/")).json()["directpay"]
    assert (direct_pay["status"], type(direct_pay["id"]), direct_pay["last4"]) == ("Active", str, "6789")
    await people.control.put(f"/chek/users/{user}/directpay", status="Inactive")
    account = (await chek.get(f"directpay_accounts/{direct_pay['id']}/")).json()
    assert (account["status"], account["user"]["id"], account["outbound_payments"]) == ("Inactive", user, [])


async def test_only_an_invited_person_can_finish_the_setup(people: People) -> None:
    user = await people.user()
    response = await people.control.client.put(f"/chek/users/{user}/directpay", json={"status": "Active"})
    assert response.status_code == 404


async def test_some_invitations_are_refused(people: People, chek: httpx.AsyncClient) -> None:
    user = await people.user(last_name="Uninvited")
    assert (await chek.post("directpay_accounts/invite/", json={"user_id": user})).status_code == 400
    assert (await chek.post("directpay_accounts/invite/", json={"user_id": str(user)})).status_code == 400
