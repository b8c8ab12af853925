"""The payloads in a history's JSON, and what is taken out of it before it is stored."""

import json
import os
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload

from db.crypto.payload_codec import SealingCodec
from tests.replay import stored

SEALED = b"binary/bursar-sealed"
WORKER = "worker"


def nodes(document: Any) -> Iterator[dict[str, Any]]:
    """Every payload, wherever it is: base64 in `metadata` and `data`."""
    if isinstance(document, dict):
        if "encoding" in document.get("metadata", {}):
            yield document
        else:
            for value in document.values():
                yield from nodes(value)
    elif isinstance(document, list):
        for value in document:
            yield from nodes(value)


def payload(node: dict[str, Any]) -> Payload:
    """One of them, as Temporal's library knows it."""
    metadata = {name: b64decode(value) for name, value in node["metadata"].items()}
    return Payload(metadata=metadata, data=b64decode(node.get("data", "")))


async def opened(found: Sequence[Payload]) -> list[Payload]:
    """Unsealed with the key of the recordings."""
    return await _codec().decode(found)


async def without_origin(text: str) -> str:
    """The history without the process and the machine: worker identities, and sealed stack traces with their paths."""
    document = json.loads(text.replace(f"{os.getpid()}@{socket.gethostname()}", WORKER))
    for node in nodes(document):
        if payload(node).metadata["encoding"] == SEALED:
            [inner] = await opened([payload(node)])
            if b'"stack_trace"' in inner.data:
                inner.data = json.dumps(json.loads(inner.data) | {"stack_trace": ""}).encode()
                [outer] = await _codec().encode([inner])
                node["data"] = b64encode(outer.data).decode()
    return json.dumps(document, indent=1)


def _codec() -> SealingCodec:
    return SealingCodec(stored.keyring(), stored.NAMESPACE)
