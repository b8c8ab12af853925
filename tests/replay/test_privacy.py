"""Recorded histories may be read by anybody: no secret is in them, not even sealed, nor where they were recorded."""

import json
import re
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from tests.replay import stored
from tests.replay.payloads import SEALED, nodes, opened, payload

NAMES = stored.names()
SECRETS = {
    # the last digits of an instant, after its point, may look like any of them
    "account number": r"(?<![\w.])(123456789|987654321|923456789|99000\d{4}|22223333|55556666|77778888)(?!\w)",
    "routing number": r"(?<![\w.])(011000015|099000008|021000021)(?!\w)",
    "name of a person": r"\b(maria|keller|ana|walker)\b",
    "e-mail address": r"\w@\w",
    "key of the API": r"sk_test_|sk_live_",
}
PLACES = {
    "process and machine": r"\d+@\w",
    "folder of the machine": r"/(home|work|tmp|root|usr|opt|var)/",
}


def without_payloads(node: Any) -> Any:
    """The JSON around them: base64 is no text to search for words."""
    if isinstance(node, dict):
        return {k: without_payloads(v) for k, v in node.items() if not (k == "data" and "metadata" in node)}
    return [without_payloads(value) for value in node] if isinstance(node, list) else node


async def told(name: str) -> tuple[str, str]:
    """What lies open in a history, and what is sealed in it."""
    document = json.loads(stored.text_of(name))
    found = [payload(node) for node in nodes(document)]
    plain = [each for each in found if each.metadata["encoding"] != SEALED]
    sealed = await opened([each for each in found if each.metadata["encoding"] == SEALED])
    return json.dumps(without_payloads(document)) + _text(plain), _text(sealed)


def _text(found: list[Payload]) -> str:
    return "\n".join(each.data.decode(errors="replace") for each in found)


@pytest.mark.parametrize("name", NAMES)
async def test_a_history_holds_no_secret_and_names_no_machine(name: str) -> None:
    outside, inside = await told(name)
    assert inside, "the search looked into what is sealed"
    for kind, pattern in (SECRETS | PLACES).items():
        assert not re.search(pattern, outside, re.IGNORECASE), f"{kind} lies open"
        assert not re.search(pattern, inside, re.IGNORECASE), f"{kind} is sealed in it"


@pytest.mark.parametrize("name", NAMES)
def test_all_but_search_attributes_and_the_librarys_own_notes_is_sealed(name: str) -> None:
    found = nodes(without_open_places(json.loads(stored.text_of(name))))
    assert {payload(node).metadata["encoding"] for node in found} == {SEALED}


def without_open_places(node: Any) -> Any:
    """The JSON without search attributes, and without what the library notes of a local activity beside its result."""
    if isinstance(node, dict):
        notes = ("data", "type") if "result" in node and "data" in node else ()
        return {k: without_open_places(v) for k, v in node.items() if k != "searchAttributes" and k not in notes}
    return [without_open_places(value) for value in node] if isinstance(node, list) else node
