"""The keys of one installation: encryption keys by id, one for fingerprints, one that signing keys come from."""

import json
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import SecretUnreadable

KEY_BYTES = 32
_KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """All keys, in memory. Its repr shows none of them.

    The fingerprint key is never changed: changing it would let the same bank account be stored twice.
    """

    current: str
    """The id of the key that seals; every other key only opens what was sealed before."""
    encryption: Mapping[str, bytes]
    fingerprint: bytes
    signing: bytes

    def __post_init__(self) -> None:
        """Refuse a ring that could not seal, or whose keys are not 256 bits."""
        if self.current not in self.encryption:
            raise SecretUnreadable("The keyring's current key is not among its encryption keys.")
        if not all(_KEY_ID.fullmatch(key_id) for key_id in self.encryption):
            raise SecretUnreadable("A key id is 1 to 32 lower-case letters, digits or hyphens.")
        if any(len(key) != KEY_BYTES for key in (*self.encryption.values(), self.fingerprint, self.signing)):
            raise SecretUnreadable(f"Each key of the keyring is {KEY_BYTES} bytes.")

    @classmethod
    def generate(cls) -> "Keyring":
        """A new ring of random keys."""
        return cls("k1", {"k1": _new_key()}, _new_key(), _new_key())

    @classmethod
    def from_json(cls, text: str) -> "Keyring":
        """Read ``{"current", "encryption": {id: base64}, "fingerprint", "signing"}``; SecretUnreadable if it is not."""
        try:
            document = json.loads(text)
            return cls(
                current=document["current"],
                encryption={str(key_id): _key(key) for key_id, key in document["encryption"].items()},
                fingerprint=_key(document["fingerprint"]),
                signing=_key(document["signing"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, NotBase64):
            raise SecretUnreadable("The keyring is not in its JSON form.") from None

    def to_json(self) -> str:
        """The form that `from_json` reads: it holds the keys themselves."""
        document = {
            "current": self.current,
            "encryption": {key_id: b64encode(key).decode() for key_id, key in self.encryption.items()},
            "fingerprint": b64encode(self.fingerprint).decode(),
            "signing": b64encode(self.signing).decode(),
        }
        return json.dumps(document, indent=2) + "\n"

    def rotated(self) -> "Keyring":
        """The same ring with a new key that seals from now on; the old ones still open."""
        number = 1
        while f"k{number}" in self.encryption:
            number += 1
        return replace(self, current=f"k{number}", encryption={**self.encryption, f"k{number}": _new_key()})

    def signing_key(self, purpose: str) -> bytes:
        """A key for one purpose only (HKDF, RFC 5869), so that a signature for one never passes for another."""
        return _derived(self.signing, purpose)


@lru_cache(maxsize=32)
def _derived(key: bytes, purpose: str) -> bytes:
    # asked for by every request; a process has one ring and a handful of purposes
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"bursar:" + purpose.encode()).derive(key)


def _new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _key(text: str) -> bytes:
    return b64decode(text, validate=True)
