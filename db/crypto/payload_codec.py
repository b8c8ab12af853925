"""The payload codec: everything that Temporal stores for us, but for ids and search attributes, is sealed."""

from collections.abc import Iterable, Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from db.crypto.envelope import Envelope
from db.crypto.keyring import Keyring
from domain.errors import SecretUnreadable

_ENCODING = b"binary/bursar-sealed"
_CONTEXT = "temporal/payload"


class SealingCodec(PayloadCodec):
    """Seals whole payloads, metadata too. What was not sealed by us passes through decoding unchanged."""

    def __init__(self, keyring: Keyring) -> None:
        self._envelope = Envelope(keyring)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal."""
        return [
            Payload(
                metadata={"encoding": _ENCODING},
                data=self._envelope.seal(payload.SerializeToString(), context=_CONTEXT),
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
                opened.ParseFromString(self._envelope.open(payload.data, context=_CONTEXT))
            except ValueError:
                raise SecretUnreadable("A stored payload is not one of ours.") from None
            yield opened
