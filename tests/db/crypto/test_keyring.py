"""The keyring is read as it was written, refuses what could not protect anything, and never prints a key."""

import json
from base64 import b64encode

import pytest

from db.crypto.keyring import Keyring
from domain.errors import SecretUnreadable

GOOD = json.loads(Keyring.generate().to_json())
SHORT = b64encode(b"x" * 16).decode()


def test_a_ring_reads_back_from_its_json():
    ring = Keyring.generate().rotated()
    assert Keyring.from_json(ring.to_json()) == ring


@pytest.mark.parametrize(
    "change",
    [
        {"current": "other"},
        {"current": None},
        {"encryption": {}},
        {"encryption": []},
        {"encryption": {"k1": SHORT}},
        {"encryption": {"k1": 7}},
        {"encryption": {"k1": GOOD["encryption"]["k1"], "K 2": GOOD["signing"]}},
        {"fingerprint": SHORT},
        {"signing": "***"},
    ],
)
def test_a_ring_that_could_not_protect_anything_is_refused(change):
    with pytest.raises(SecretUnreadable) as refusal:
        Keyring.from_json(json.dumps(GOOD | change))
    assert GOOD["signing"] not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "\N{SNOWMAN}"])
def test_another_document_is_refused(text):
    with pytest.raises(SecretUnreadable, match="JSON form"):
        Keyring.from_json(text)


def test_each_rotation_makes_a_new_key_and_keeps_the_others():
    first = Keyring.generate()
    third = first.rotated().rotated()
    assert third.current == "k3"
    assert set(third.encryption) == {"k1", "k2", "k3"}
    assert len(set(third.encryption.values())) == 3
    assert third.encryption["k1"] == first.encryption["k1"]
    assert (third.fingerprint, third.signing) == (first.fingerprint, first.signing)


def test_each_purpose_signs_with_a_key_of_its_own():
    ring, other = Keyring.generate(), Keyring.generate()
    keys = [ring.signing_key("cursor"), ring.signing_key("request"), other.signing_key("cursor"), ring.signing]
    assert len(set(keys)) == 4
    assert ring.signing_key("cursor") == keys[0]


def test_printing_a_ring_shows_no_key():
    ring = Keyring.generate()
    shown = f"{ring} {ring!r}"
    assert not any(secret in shown for secret in (str(ring.signing), ring.signing.hex(), str(dict(ring.encryption))))
