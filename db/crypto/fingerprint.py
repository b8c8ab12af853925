"""Keyed fingerprints: find a secret, or see that it is there already, without being able to read it.

A plain hash of an account number can be undone by trying them all; HMAC-SHA256 with a key of its own cannot.
"""

import hashlib
import hmac

from db.crypto.keyring import Keyring


class Fingerprint:
    """Makes fingerprints with the ring's fingerprint key."""

    def __init__(self, keyring: Keyring) -> None:
        """Use this ring's key."""
        self._key = keyring.fingerprint

    def of(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that are the same exactly for the same purpose and parts. Parts are never run together."""
        mac = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (purpose, *parts):
            encoded = part.encode()
            mac.update(len(encoded).to_bytes(8, "big") + encoded)
        return mac.digest()
