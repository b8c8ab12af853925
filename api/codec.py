"""Temporal's remote codec: the web UI and the `temporal` command have payloads decoded, and inputs sealed, here.

https://docs.temporal.io/codec-server: POST {endpoint}/decode and /encode with ``{"payloads": [...]}`` and X-Namespace.
"""

from collections.abc import Sequence

from fastapi import APIRouter
from temporalio.api.common.v1 import Payload

from api.codec_access import CodecUser
from api.context import Context
from api.json_body import StrictRoute
from api.problems import documented
from api.schemas.codec import CodecPayload, CodecPayloads
from db.crypto.payload_codec import SealingCodec
from domain.errors import InvalidInput, SecretUnreadable

codec = APIRouter(
    prefix="/codec",
    tags=["codec"],
    route_class=StrictRoute,
    dependencies=[CodecUser],
    responses=documented(400, 413, 415),
)


@codec.post("/decode")
async def decode(body: CodecPayloads, context: Context) -> CodecPayloads:
    """Open what we sealed; what is not sealed comes back as it is."""
    sealing = SealingCodec(context.database.keyring, context.settings.temporal.namespace)
    opened: list[Payload] = []
    for place, payload in enumerate(_payloads(body)):
        try:
            opened += await sealing.decode([payload])
        except SecretUnreadable:
            raise InvalidInput(
                f"/payloads/{place}/data", "Not sealed with a key of this installation.", code="unreadable_payload"
            ) from None
    return _answer(opened)


@codec.post("/encode")
async def encode(body: CodecPayloads, context: Context) -> CodecPayloads:
    """Seal, so that what an operator types into the web UI does not stand in a history as it is."""
    sealing = SealingCodec(context.database.keyring, context.settings.temporal.namespace)
    return _answer(await sealing.encode(_payloads(body)))


def _payloads(body: CodecPayloads) -> list[Payload]:
    return [Payload(metadata=item.metadata, data=item.data) for item in body.payloads]


def _answer(payloads: Sequence[Payload]) -> CodecPayloads:
    shown = [CodecPayload.model_construct(metadata=dict(item.metadata), data=item.data) for item in payloads]
    return CodecPayloads.model_construct(payloads=shown)
