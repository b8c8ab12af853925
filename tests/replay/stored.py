"""The recorded histories: Temporal's own JSON, gzipped, as `histories/<workflow>/<story>.json.gz`."""

import gzip
import json
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from db.crypto.keyring import Keyring

HERE = Path(__file__).parent
HISTORIES = HERE / "histories"
NAMESPACE = "bursar"
"""Part of what each payload is sealed for."""


def keyring() -> Keyring:
    """The keys of the recordings, which lie beside them: what a replay must open, everybody may read."""
    return Keyring.from_json((HERE / "test_keyring.json").read_text())


def names() -> list[str]:
    """`<workflow>/<story>` of each history."""
    found = HISTORIES.glob("*/*.json.gz")
    return sorted(str(path.relative_to(HISTORIES)).removesuffix(".json.gz") for path in found)


def text_of(name: str) -> str:
    """A history's JSON."""
    return gzip.decompress(_path(name).read_bytes()).decode()


def history(name: str) -> WorkflowHistory:
    """A history, ready to be replayed."""
    document: dict[str, Any] = json.loads(text_of(name))
    return WorkflowHistory.from_json(started(document)["workflowId"], document)


def started(document: dict[str, Any]) -> dict[str, Any]:
    """What the first event says: the workflow's type and id."""
    attributes: dict[str, Any] = document["events"][0]["workflowExecutionStartedEventAttributes"]
    return attributes


def write(name: str, text: str) -> None:
    """Store a history; the same text is always the same file."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def story_of(name: str) -> str:
    """The story that a history tells; the number of a further run stands behind a point."""
    return name.split("/")[1].split(".", maxsplit=1)[0]


def forget(name: str) -> None:
    """Remove a history."""
    _path(name).unlink()


def _path(name: str) -> Path:
    return HISTORIES / f"{name}.json.gz"
