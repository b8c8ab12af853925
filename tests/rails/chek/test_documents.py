"""Reading Chek's documents: right ones, and those that prove nothing."""

import json
from typing import Any

import pytest

from rails.base import Answer
from rails.chek.answer import AllowLists, classify
from rails.chek.documents import UnreadableError, read_payments, read_programs, read_user
from tests.rails.chek.calls import money_call

ALLOWED = AllowLists(frozenset({400, 404}), frozenset({"pending"}))
CARDS = [
    {"id": "1", "status": "Active"},
    {"id": "2", "status": "Active"},
    {"id": "3", "status": "Inactive"},
]


def user(**changes: Any) -> dict[str, Any]:
    """A user's document."""
    return {"id": 7, "balance": 100, "cards": [], **changes}


def test_of_several_cards_the_last_active_one_is_paid_to() -> None:
    card = read_user("7", user(cards=CARDS)).card
    assert card is not None
    assert card.id == "2"


def test_without_an_active_card_the_last_one_shows_its_status() -> None:
    card = read_user("7", user(cards=CARDS[2:])).card
    assert card is not None
    assert card.status == "Inactive"


@pytest.mark.parametrize("direct_pay", [None, {}, {"status": "Invited"}, {"id": None, "status": "Invited"}, "Invited"])
def test_an_invited_bank_account_without_an_id_has_none(direct_pay: object) -> None:
    assert read_user("7", user(directpay=direct_pay)).direct_pay_id is None


@pytest.mark.parametrize(
    "document", [None, [], user(id=8), user(balance="100"), user(balance=1.0), user(balance=True), {"id": 7}]
)
def test_a_user_whose_balance_is_not_whole_cents_is_not_read(document: object) -> None:
    with pytest.raises(UnreadableError):
        read_user("7", document)


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        ([{"payment_id": "p1", "amount": 5}, {"id": 2}], {"p1": 5, "2": None}),
        (["p1", 2], {"p1": None, "2": None}),
        ([], {}),
        (None, None),
        ([{}], None),
        ([{"payment_id": "p1"}, {"payment_id": "p1"}], None),
    ],
)
def test_payments_are_known_by_their_ids_or_not_at_all(listed: object, read: object) -> None:
    assert read_payments({"outbound_payments": listed}) == read


def test_a_programme_without_an_amount_is_not_read() -> None:
    assert read_programs({"results": [{"id": 1, "balance": 5}]}) == {"1": 5}
    for document in ({}, {"results": [{"id": 1, "balance": "5"}]}, {"results": [None]}):
        with pytest.raises(UnreadableError):
            read_programs(document)


def transfer(**changes: Any) -> bytes:
    """The answer to a transfer of 10.00 from 7 to 8."""
    document = {"source": {"id": 7}, "destination": {"id": 8}, "transfer": {"id": 70001, "amount": 1_000}}
    return json.dumps({**document, **changes}).encode()


CALL = money_call("wallet_to_wallet", {"payer": "7", "payee": "8"}, 1_000, {})


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, transfer(), "applied"),
        (201, transfer(), "applied"),
        (202, transfer(), "unknown"),
        (204, b"", "unknown"),
        (200, b"[]", "unknown"),
        (200, transfer(transfer={"id": 1, "amount": 1_000.0}), "unknown"),
        (200, transfer(transfer={"id": 1, "amount": "1000"}), "unknown"),
        (200, transfer(transfer={"id": 1, "amount": 999}), "unknown"),
        (200, transfer(transfer={"amount": 1_000}), "unknown"),
        (200, transfer(source={"id": 8}, destination={"id": 7}), "unknown"),
        (200, transfer() + b" " * 600_000, "unknown"),
        (400, b'{"detail": "no"}', "refused"),
        (400, b"<html>no</html>", "unknown"),
        (404, b'{"detail": "no"}', "refused"),
        (403, b'{"detail": "no"}', "unknown"),
        (409, b'{"detail": "no"}', "unknown"),
        (429, b'{"detail": "no"}', "unknown"),
        (500, b'{"detail": "no"}', "unknown"),
    ],
)
def test_only_listed_well_formed_answers_about_this_call_prove_anything(status: int, body: bytes, state: str) -> None:
    assert classify(CALL, Answer(status, {}, body), ALLOWED).state == state


@pytest.mark.parametrize(("status", "state"), [("Pending", "applied"), ("Failed", "unknown"), (None, "unknown")])
def test_a_payment_counts_only_with_a_status_that_is_known(status: str | None, state: str) -> None:
    call = money_call("send_payment", {"user": "7", "direct_pay": "d", "program": "501"}, 1_000, {})
    document = {"payment_id": "p1", "status": status, "amount": 1_000, "user": {"id": 7}, "program": {"id": 501}}
    assert classify(call, Answer(200, {}, json.dumps(document).encode()), ALLOWED).state == state
