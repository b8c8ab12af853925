"""The folders of test servers: in memory where there is room, gone with the run, also with one that was killed."""

import fcntl
import os
from pathlib import Path

import pytest

from tests import scratch as module
from tests.scratch import PREFIX, scratch


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the file system in memory, with room."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(module, "IN_MEMORY", folder)
    monkeypatch.setattr(module, "ROOM_BYTES", 0)
    return folder


def test_it_is_in_memory_and_ends_with_the_block(memory: Path, tmp_path: Path) -> None:
    with scratch(tmp_path / "disk") as folder:
        assert folder.parent == memory
        (folder / "base").mkdir()
    assert list(memory.iterdir()) == []


def test_without_room_or_memory_it_is_the_one_on_the_disk(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROOM_BYTES", 2**60)
    with scratch(tmp_path) as folder:
        assert folder == tmp_path
    monkeypatch.setattr(module, "ROOM_BYTES", 0)
    memory.rmdir()
    with scratch(tmp_path) as folder:
        assert folder == tmp_path
    assert tmp_path.is_dir()


def test_what_a_killed_run_left_is_removed_and_what_is_held_is_not(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, held, strange = memory / f"{PREFIX}left", memory / f"{PREFIX}held", memory / "strange"
    for each in (left, held, strange):
        each.mkdir()
    holder = os.open(held, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with scratch(tmp_path):
        assert left.is_dir(), "it is too young to be told from one that is just being made"
    monkeypatch.setattr(module, "LEFT_BEHIND_SECONDS", 0)
    with scratch(tmp_path):
        assert not left.exists()
    assert held.is_dir()
    assert strange.is_dir()
    os.close(holder)
