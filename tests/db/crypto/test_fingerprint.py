"""A fingerprint tells whether two secrets are the same, to holders of the key only."""

from hypothesis import given
from hypothesis import strategies as st

from db.crypto.fingerprint import Fingerprint
from db.crypto.keyring import Keyring

RING = Keyring.generate()
FINGERPRINT = Fingerprint(RING)
parts = st.lists(st.text(max_size=8), max_size=4)


@given(parts, parts)
def test_two_fingerprints_are_equal_exactly_when_all_parts_are(one, other):
    assert (FINGERPRINT.of("account", *one) == FINGERPRINT.of("account", *other)) == (one == other)


@given(parts)
def test_another_purpose_or_key_makes_another_fingerprint(some):
    mine = FINGERPRINT.of("account", *some)
    assert len(mine) == 32
    assert mine != FINGERPRINT.of("email", *some)
    assert mine != Fingerprint(Keyring.generate()).of("account", *some)


def test_a_rotation_of_the_encryption_key_keeps_every_fingerprint():
    assert Fingerprint(RING.rotated()).of("account", "1") == FINGERPRINT.of("account", "1")
