"""Column's webhooks: nobody but Column is believed, and an event is read as what it says."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from domain.errors import InvalidInput, Unauthenticated
from rails.column.event import NotAnEvent, read_event
from rails.column.webhook import ColumnWebhook

SECRET = "test-webhook-secret"
TRANSFER = {
    "id": "acht_1",
    "amount": 5_000,
    "currency_code": "USD",
    "description": "rpp_1-1",
    "status": "RETURNED",
    "return_details": [{"return_code": "R02", "description": "Account closed"}],
}


def event(type_: str = "ach.outgoing_transfer.returned", **transfer: Any) -> bytes:
    return json.dumps({"id": "evnt_1", "type": type_, "created_at": "x", "data": TRANSFER | transfer}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"column-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_a_signed_event_is_read_with_both_names_of_its_transfer() -> None:
    body = event()
    received = ColumnWebhook(SECRET).read(signed(body), body)
    assert (received.source, received.event_id, received.kind) == ("column", "evnt_1", "ach.outgoing_transfer.returned")
    assert (received.subject, received.reference, received.payload) == ("acht_1", "rpp_1-1", body)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"column-signature": ""},
        signed(event(), "another secret"),
        signed(event(amount=1)),
        {"column-signature": "é"},
    ],
)
def test_another_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        ColumnWebhook(SECRET).read(headers, event())
    assert refused.value.code == "invalid_signature"


def test_without_a_secret_nobody_is_believed() -> None:
    with pytest.raises(Unauthenticated):
        ColumnWebhook("").read(signed(event(), ""), event())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 1}', b'{"id": "e", "type": "t", "data": {}}', b"\xff"])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        ColumnWebhook(SECRET).read(signed(body), body)


@pytest.mark.parametrize(
    ("type_", "meaning"),
    [
        ("ach.outgoing_transfer.settled", "settled"),
        ("ach.outgoing_transfer.completed", "settled"),
        ("ach.outgoing_transfer.returned", "returned"),
        ("ach.outgoing_transfer.canceled", "canceled"),
        ("ach.outgoing_transfer.noc", "change_asked"),
        ("ach.outgoing_transfer.submitted", "of_no_concern"),
        ("book.transfer.completed", "of_no_concern"),
    ],
)
def test_each_kind_of_event_means_one_thing(type_: str, meaning: str) -> None:
    assert read_event(event(type_)).meaning == meaning


def test_a_return_carries_its_code_and_reason() -> None:
    told = read_event(event())
    assert (told.code, told.reason, told.amount) == ("R02", "Account closed", 5_000)


def test_an_amount_that_is_not_a_whole_number_is_none_of_ours() -> None:
    assert read_event(event(amount=50.0)).amount == 0
    assert read_event(event(amount=True)).amount == 0


def test_an_event_never_shows_the_transfer_when_it_is_printed() -> None:
    assert "acht_1" in repr(read_event(event()))
    assert "return_details" not in repr(read_event(event()))
    with pytest.raises(NotAnEvent):
        read_event(b"null")
