"""The payload codec: everything that Temporal stores for us, but for ids and search attributes, is sealed."""

from collections.abc import Iterable, Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from db.crypto.envelope import Envelope
from db.crypto.keyring import Keyring
from domain.errors import SecretUnreadable

_ENCODING = b"binary/bursar-sealed"


class SealingCodec(PayloadCodec):
    """Seals whole payloads, metadata too, for one namespace: a payload of another one does not open.

    What was not sealed by us passes through decoding unchanged.
    """

    def __init__(self, keyring: Keyring, namespace: str) -> None:
        self._envelope = Envelope(keyring)
        self._context = f"temporal/payload/{namespace}"

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal."""
        return [
            Payload(
                metadata={"encoding": _ENCODING},
                data=self._envelope.seal(payload.SerializeToString(), context=self._context),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open; raises SecretUnreadable when the key is not in the ring."""
        return list(self._opened(payloads))

    def _opened(self, payloads: Iterable[Payload]) -> Iterable[Payload]:
        for payload in payloads:
            if payload.metadata.get("encoding") != _ENCODING:
                yield payload
                continue
            opened = Payload()
            try:
                opened.ParseFromString(self._envelope.open(payload.data, context=self._context))
            except ValueError:
                raise SecretUnreadable("A stored payload is not one of ours.") from None
            yield opened
