"""Book transfers, their keys, and the shape of errors."""

import asyncio

import httpx
import pytest

from sandbox.runner import SandboxRunner
from tests.sandbox.column.requests import BOOK, balances, send
from tests.sandbox.speakers import Control, column_client

pytestmark = pytest.mark.usefixtures("funded")


async def test_a_book_transfer_moves_money_at_once(column: httpx.AsyncClient) -> None:
    response = await send(column, "/transfers/book", BOOK, "rep_1")
    document = response.json()
    assert response.status_code == 200
    assert document["id"].startswith("book_")
    assert {name: document[name] for name in ("amount", "currency_code", "status", "idempotency_key")} == {
        "amount": 5000,
        "currency_code": "USD",
        "status": "COMPLETED",
        "idempotency_key": "rep_1",
    }
    assert await balances(column) == (95_000, 5_000)
    assert (await column.get(f"/transfers/book/{document['id']}")).json() == document


async def test_the_same_key_and_body_replays_and_moves_nothing(column: httpx.AsyncClient, control: Control) -> None:
    first = await send(column, "/transfers/book", BOOK, "rep_1")
    second = await send(column, "/transfers/book", BOOK, "rep_1")
    assert second.json() == first.json()
    assert await balances(column) == (95_000, 5_000)
    creations = await control.journal(operation="book_transfers.create")
    assert [(entry["outcome"], entry["took_effect"]) for entry in creations] == [("applied", True), ("replayed", False)]


async def test_the_same_key_with_another_body_or_path_is_an_error(column: httpx.AsyncClient) -> None:
    await send(column, "/transfers/book", BOOK, "rep_1")
    other = await send(column, "/transfers/book", BOOK, "rep_1", amount="5001")
    assert (other.status_code, other.json()["code"]) == (400, "idempotency_key_reused")
    assert await balances(column) == (95_000, 5_000)


async def test_a_refusal_is_not_replayed(column: httpx.AsyncClient, control: Control) -> None:
    refused = await send(column, "/transfers/book", BOOK, "rep_1", amount="200000")
    assert (refused.status_code, refused.json()["code"]) == (400, "insufficient_balance")
    await control.post("/column/deposits", bank_account_id="bacc_fs_main", amount=100_000)
    assert (await send(column, "/transfers/book", BOOK, "rep_1", amount="200000")).status_code == 200


async def test_a_key_is_forgotten_after_thirty_days(column: httpx.AsyncClient, control: Control) -> None:
    await send(column, "/transfers/book", BOOK, "rep_1")
    await control.advance(to="2026-12-23T14:00:00Z")
    await send(column, "/transfers/book", BOOK, "rep_1")
    assert await balances(column) == (95_000, 5_000)
    await control.advance(to="2026-12-24T15:00:00Z")
    await send(column, "/transfers/book", BOOK, "rep_1")
    assert await balances(column) == (90_000, 10_000)


async def test_a_cut_after_processing_is_healed_by_repeating_the_key(
    column: httpx.AsyncClient, control: Control
) -> None:
    await control.fault("column", "cut_after", match={"reference": "rep_1"})
    with pytest.raises(httpx.RemoteProtocolError):
        await send(column, "/transfers/book", BOOK, "rep_1")
    assert (await send(column, "/transfers/book", BOOK, "rep_1")).status_code == 200
    assert await balances(column) == (95_000, 5_000)


async def test_wrong_answers_are_about_another_amount_or_another_key(
    column: httpx.AsyncClient, control: Control
) -> None:
    await control.fault("column", "wrong_amount")
    assert (await send(column, "/transfers/book", BOOK, "rep_1")).json()["amount"] == 5001
    await control.fault("column", "wrong_reference")
    assert (await send(column, "/transfers/book", BOOK, "rep_2")).json()["idempotency_key"] != "rep_2"
    assert await balances(column) == (90_000, 10_000)


async def test_concurrent_sends_of_one_key_move_money_once(column: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(send(column, "/transfers/book", BOOK, "rep_1") for _ in range(10)))
    assert len({answer.text for answer in answers}) == 1
    assert await balances(column) == (95_000, 5_000)


async def test_racing_transfers_let_exactly_the_affordable_ones_through(column: httpx.AsyncClient) -> None:
    sends = (send(column, "/transfers/book", BOOK, f"rep_{n}", amount="30000") for n in range(10))
    answers = await asyncio.gather(*sends)
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [400] * 7
    assert await balances(column) == (10_000, 90_000)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount": "0"}, "invalid_parameter", "amount"),
        ({"amount": "-5"}, "invalid_parameter", "amount"),
        ({"amount": "1.50"}, "invalid_parameter", "amount"),
        ({"amount": None}, "invalid_parameter", "amount"),
        ({"currency_code": "EUR"}, "invalid_parameter", "currency_code"),
        ({"surprise": "1"}, "invalid_parameter", "surprise"),
        ({"sender_bank_account_id": "bacc_nobody"}, "bank_account_not_found", None),
        ({"receiver_bank_account_id": "bacc_fs_main"}, "same_bank_account", None),
    ],
)
async def test_bad_fields_are_refused_with_a_code(
    changes: dict[str, str | None], code: str, field: str | None, column: httpx.AsyncClient
) -> None:
    response = await send(column, "/transfers/book", BOOK, "rep_1", **changes)
    error = response.json()
    assert response.status_code in (400, 404)
    assert set(error) == {"type", "code", "message", "documentation_url", "details"}
    assert error["code"] == code
    assert field is None or field in error["details"]
    assert await balances(column) == (100_000, 0)


async def test_every_post_needs_a_key(column: httpx.AsyncClient) -> None:
    assert (await send(column, "/transfers/book", BOOK, "")).json()["code"] == "idempotency_key_required"
    assert (await send(column, "/transfers/book", BOOK, "x" * 256)).json()["code"] == "invalid_idempotency_key"
    assert (await send(column, "/transfers/book", BOOK, "x" * 255)).status_code == 200


async def test_json_bodies_are_not_taken(column: httpx.AsyncClient) -> None:
    response = await column.post("/transfers/book", json=BOOK, headers={"Idempotency-Key": "k"})
    assert response.json()["code"] == "invalid_content_type"


async def test_only_the_key_as_password_with_an_empty_user_is_let_in(sandbox: SandboxRunner) -> None:
    async with column_client(sandbox.addresses["column"], key="wrong") as stranger:
        for response in (
            await stranger.get("/bank-accounts/bacc_fs_main"),
            await send(stranger, "/transfers/book", BOOK, "k"),
        ):
            assert (response.status_code, response.json()["type"]) == (401, "authentication_error")


async def test_unknown_paths_and_ids_are_404(column: httpx.AsyncClient) -> None:
    for path in ("/transfers/book/book_x", "/bank-accounts/bacc_x", "/transfers/wire/x", "/counterparties/cpty_x"):
        assert (await column.get(path)).status_code == 404


async def test_the_listing_is_newest_first_filtered_and_in_pages(column: httpx.AsyncClient) -> None:
    made = [(await send(column, "/transfers/book", BOOK, f"rep_{n}")).json()["id"] for n in range(5)]
    first = (await column.get("/transfers/book", params={"limit": 2})).json()
    assert ([each["id"] for each in first["transfers"]], first["has_more"]) == (made[:2:-1], True)
    rest = (await column.get("/transfers/book", params={"limit": 10, "starting_after": made[3]})).json()
    assert ([each["id"] for each in rest["transfers"]], rest["has_more"]) == (made[2::-1], False)
    for name, value, expected in (
        ("bank_account_id", "bacc_fs_main", 5),
        ("bank_account_id", "bacc_fs_operating", 0),
        ("status", "completed", 5),
        ("created.gte", "2026-11-23T14:59:59Z", 5),
        ("created.lt", "2026-11-23T14:59:59Z", 0),
    ):
        assert len((await column.get("/transfers/book", params={name: value})).json()["transfers"]) == expected
    assert (await column.get("/transfers/book", params={"color": "red"})).status_code == 400


async def test_the_journal_shows_neither_account_numbers_nor_keys_of_the_api(
    column: httpx.AsyncClient, control: Control
) -> None:
    await send(column, "/transfers/book", BOOK, "rep_1")
    text = (await control.client.get("/journal")).text
    assert "rep_1" in text
    assert "sandbox-column-api-key" not in text
