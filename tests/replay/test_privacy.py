"""Recorded histories may be read by anybody: no secret is in them, not even sealed, nor where they were recorded."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from activities.temporal import data_converter
from tests.replay import stored

NAMES = stored.names()
SECRETS = {
    "account number": r"123456789|987654321|9234567\d\d|99000\d{4}|22223333|55556666|77778888",
    "routing number": r"011000015|099000008|021000021",
    "name of a person": r"\b(maria|keller|ana|walker)\b",
    "e-mail address": r"\w@\w",
    "key of the API": r"sk_test_|sk_live_",
}
PLACES = {
    "process and machine": r"\d+@\w",
    "folder of the machine": r"/(home|work|tmp|root|usr|opt|var)/",
}
SEALED = b64decode("YmluYXJ5L2J1cnNhci1zZWFsZWQ=")


def payloads(node: Any) -> Iterator[Payload]:
    """Every payload in a history's JSON, wherever it is."""
    if isinstance(node, dict):
        if "metadata" in node and "encoding" in node["metadata"]:
            metadata = {name: b64decode(value) for name, value in node["metadata"].items()}
            yield Payload(metadata=metadata, data=b64decode(node.get("data", "")))
        else:
            for value in node.values():
                yield from payloads(value)
    elif isinstance(node, list):
        for value in node:
            yield from payloads(value)


def without_payloads(node: Any) -> Any:
    """The JSON around them: base64 is no text to search for words."""
    if isinstance(node, dict):
        return {k: without_payloads(v) for k, v in node.items() if not (k == "data" and "metadata" in node)}
    return [without_payloads(value) for value in node] if isinstance(node, list) else node


async def told(name: str) -> tuple[str, str, list[Payload]]:
    """What lies open in a history, what is sealed in it, and all its payloads as they are stored."""
    document = json.loads(stored.text_of(name))
    found = list(payloads(document))
    codec = data_converter(stored.keyring(), stored.NAMESPACE).payload_codec
    assert codec is not None
    open_ones = [payload for payload in found if payload.metadata["encoding"] != SEALED]
    sealed = await codec.decode([payload for payload in found if payload.metadata["encoding"] == SEALED])
    outside = json.dumps(without_payloads(document)) + _text(open_ones)
    return outside, _text(sealed), found


def _text(found: list[Payload]) -> str:
    return "\n".join(payload.data.decode(errors="replace") for payload in found)


@pytest.mark.parametrize("name", NAMES)
async def test_a_history_holds_no_secret_and_names_no_machine(name: str) -> None:
    outside, inside, found = await told(name)
    assert inside, "the search looked into what is sealed"
    for kind, pattern in (SECRETS | PLACES).items():
        assert not re.search(pattern, outside, re.IGNORECASE), f"{kind} lies open"
        assert not re.search(pattern, inside, re.IGNORECASE), f"{kind} is sealed in it"
    assert found


@pytest.mark.parametrize("name", NAMES)
def test_all_but_search_attributes_and_the_librarys_own_notes_is_sealed(name: str) -> None:
    found = payloads(without_open_places(json.loads(stored.text_of(name))))
    assert {payload.metadata["encoding"] for payload in found} == {SEALED}


def without_open_places(node: Any) -> Any:
    """The JSON without search attributes, and without what the library notes of a local activity beside its result."""
    if isinstance(node, dict):
        notes = ("data", "type") if "result" in node and "data" in node else ()
        return {k: without_open_places(v) for k, v in node.items() if k != "searchAttributes" and k not in notes}
    return [without_open_places(value) for value in node] if isinstance(node, list) else node
