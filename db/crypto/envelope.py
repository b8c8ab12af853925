"""Envelope encryption of secrets at rest with AES-256-GCM (NIST SP 800-38D).

Each value has a data key of its own, which is wrapped with a key of the ring; the id of that key stands in the value:

    version 1 | length of key id | key id | wrap nonce 12 | wrapped data key 48 | nonce 12 | cipher text and tag

The record's context (for example ``ach_account/<id>/account_number``) is associated data of both layers, so a value
that is copied to another record or column does not open there. With a data key for each value no nonce can repeat.
"""

import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.crypto.keyring import KEY_BYTES, Keyring
from domain.errors import SecretUnreadable

_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
_WRAPPED_BYTES = KEY_BYTES + _TAG_BYTES


class _Parts(NamedTuple):
    key_id: str
    wrap_nonce: bytes
    wrapped_key: bytes
    body: bytes


class Envelope:
    """Seals and opens secrets with the keys of a ring."""

    def __init__(self, keyring: Keyring) -> None:
        """Use this ring: its current key seals, all of its keys open."""
        self._keyring = keyring

    def seal(self, secret: bytes, context: str) -> bytes:
        """Encrypt for one place. The context is not stored: who opens must know where the value belongs."""
        data_key = secrets.token_bytes(KEY_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = nonce + AESGCM(data_key).encrypt(nonce, secret, _body_context(context))
        return self._wrap(data_key, context) + body

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; SecretUnreadable when the key is not in the ring, the place is another, or a byte was changed."""
        parts = _split(sealed)
        data_key = self._unwrap(parts, context)
        try:
            return AESGCM(data_key).decrypt(
                parts.body[:_NONCE_BYTES], parts.body[_NONCE_BYTES:], _body_context(context)
            )
        except InvalidTag:
            raise SecretUnreadable("A stored secret was changed or belongs to another record.") from None

    def rewrap(self, sealed: bytes, context: str) -> bytes:
        """The same value under the current key; the secret itself is not decrypted."""
        parts = _split(sealed)
        return self._wrap(self._unwrap(parts, context), context) + parts.body

    def _wrap(self, data_key: bytes, context: str) -> bytes:
        key_id = self._keyring.current
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = AESGCM(self._keyring.encryption[key_id]).encrypt(nonce, data_key, _wrap_context(key_id, context))
        return bytes([_VERSION, len(key_id)]) + key_id.encode() + nonce + wrapped

    def _unwrap(self, parts: _Parts, context: str) -> bytes:
        key = self._keyring.encryption.get(parts.key_id)
        if key is None:
            raise SecretUnreadable("The key of a stored secret is not in the keyring.")
        try:
            return AESGCM(key).decrypt(parts.wrap_nonce, parts.wrapped_key, _wrap_context(parts.key_id, context))
        except InvalidTag:
            raise SecretUnreadable("A stored secret was changed or belongs to another record.") from None


def key_id_of(sealed: bytes) -> str:
    """Which key of the ring opens the value: what is still to be rewrapped after a rotation."""
    return _split(sealed).key_id


def _split(sealed: bytes) -> _Parts:
    key_end = 2 + sealed[1] if len(sealed) > 1 else 0
    wrap_end = key_end + _NONCE_BYTES
    body_start = wrap_end + _WRAPPED_BYTES
    if sealed[:1] != bytes([_VERSION]) or len(sealed) < body_start + _NONCE_BYTES + _TAG_BYTES:
        raise SecretUnreadable("A stored secret is not in the form that this version writes.")
    return _Parts(
        key_id=sealed[2:key_end].decode("ascii", errors="replace"),
        wrap_nonce=sealed[key_end:wrap_end],
        wrapped_key=sealed[wrap_end:body_start],
        body=sealed[body_start:],
    )


def _wrap_context(key_id: str, context: str) -> bytes:
    return f"bursar:key:{key_id}:{context}".encode()


def _body_context(context: str) -> bytes:
    return f"bursar:body:{context}".encode()
