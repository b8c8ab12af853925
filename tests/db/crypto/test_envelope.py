"""A sealed secret opens only with its key, in its place, unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.crypto.envelope import Envelope, key_id_of
from db.crypto.keyring import Keyring
from domain.errors import SecretUnreadable

RING = Keyring.generate()
ENVELOPE = Envelope(RING)
secrets = st.binary(max_size=300)
contexts = st.text(max_size=60)


@given(secrets, contexts)
def test_what_was_sealed_opens_in_its_place(secret, context):
    assert ENVELOPE.open(ENVELOPE.seal(secret, context), context) == secret


@given(secrets.filter(lambda secret: len(secret) >= 4), contexts)
def test_the_sealed_value_does_not_hold_the_secret_and_never_repeats(secret, context):
    sealed = ENVELOPE.seal(secret, context)
    assert secret not in sealed
    assert sealed != ENVELOPE.seal(secret, context)


@given(secrets, contexts, contexts)
def test_a_value_copied_to_another_record_does_not_open(secret, here, there):
    if here != there:
        sealed = ENVELOPE.seal(secret, here)
        for read in (ENVELOPE.open, ENVELOPE.rewrap):
            with pytest.raises(SecretUnreadable):
                read(sealed, there)


@given(secrets, st.data())
def test_one_changed_bit_is_noticed(secret, data):
    sealed = bytearray(ENVELOPE.seal(secret, "here"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SecretUnreadable):
        ENVELOPE.open(bytes(sealed), "here")


@given(secrets, st.data())
def test_a_shortened_value_is_noticed(secret, data):
    sealed = ENVELOPE.seal(secret, "here")
    with pytest.raises(SecretUnreadable):
        ENVELOPE.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], "here")


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused_and_not_a_crash(garbage):
    with pytest.raises(SecretUnreadable):
        ENVELOPE.open(garbage, "here")


@given(secrets, contexts)
def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(secret, context):
    old = ENVELOPE.seal(secret, context)
    ring = RING.rotated()
    rotated = Envelope(ring)
    assert rotated.open(old, context) == secret
    assert (key_id_of(old), key_id_of(rotated.seal(secret, context))) == ("k1", "k2")


@given(secrets, contexts)
def test_a_rewrapped_value_no_longer_needs_the_old_key(secret, context):
    ring = RING.rotated()
    moved = Envelope(ring).rewrap(ENVELOPE.seal(secret, context), context)
    only_new = Keyring("k2", {"k2": ring.encryption["k2"]}, ring.fingerprint, ring.signing)
    assert Envelope(only_new).open(moved, context) == secret


def test_a_key_id_that_is_no_text_is_refused_too():
    sealed = bytearray(ENVELOPE.seal(b"secret", "here"))
    sealed[2] |= 0x80
    with pytest.raises(SecretUnreadable):
        ENVELOPE.open(bytes(sealed), "here")


def test_another_installation_cannot_open_the_value():
    sealed = ENVELOPE.seal(b"123456789", "here")
    with pytest.raises(SecretUnreadable):
        Envelope(Keyring.generate()).open(sealed, "here")
    stranger = Keyring("z", {"z": RING.encryption["k1"]}, RING.fingerprint, RING.signing)
    with pytest.raises(SecretUnreadable, match="not in the keyring"):
        Envelope(stranger).open(sealed, "here")


def test_the_error_says_nothing_of_the_secret():
    sealed = ENVELOPE.seal(b"123456789", "here")
    with pytest.raises(SecretUnreadable) as refusal:
        ENVELOPE.open(sealed, "there")
    assert "123456789" not in str(refusal.value)
    assert refusal.value.__suppress_context__
