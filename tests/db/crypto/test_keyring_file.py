"""The keyring file is made once, belongs to its owner alone, and survives a start of many processes at a time."""

import pytest

from db.crypto.keyring import Keyring
from db.crypto.keyring_file import read_keyring, read_or_create_keyring, rotate_keyring
from domain.errors import SecretUnreadable


def test_the_first_start_makes_a_ring_that_only_its_owner_may_read(tmp_path):
    path = tmp_path / "data" / "keyring.json"
    made = read_or_create_keyring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_create_keyring(path) == read_keyring(path) == made
    assert [file.name for file in path.parent.iterdir()] == ["keyring.json"]


def test_a_ring_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "keyring.json"
    read_or_create_keyring(path)
    path.chmod(0o640)
    with pytest.raises(SecretUnreadable, match="chmod 600"):
        read_or_create_keyring(path)


def test_a_missing_or_broken_ring_is_named_by_its_path(tmp_path):
    with pytest.raises(SecretUnreadable, match=r"absent\.json"):
        read_keyring(tmp_path / "absent.json")
    broken = tmp_path / "keyring.json"
    broken.write_bytes(b"\xff\xfe")
    broken.chmod(0o600)
    with pytest.raises(SecretUnreadable, match=r"keyring\.json"):
        read_or_create_keyring(broken)
    assert broken.read_bytes() == b"\xff\xfe"


def test_of_two_processes_that_start_at_once_the_slower_takes_the_ring_of_the_quicker(tmp_path, monkeypatch):
    path = tmp_path / "keyring.json"
    quicker = Keyring.generate()

    def generate_slowly() -> Keyring:
        path.write_text(quicker.to_json())
        path.chmod(0o600)
        return slower

    slower = Keyring.generate()
    monkeypatch.setattr(Keyring, "generate", generate_slowly)
    assert read_or_create_keyring(path) == quicker
    assert [file.name for file in tmp_path.iterdir()] == ["keyring.json"]


def test_a_rotation_is_written_to_the_file_and_keeps_it_private(tmp_path):
    path = tmp_path / "keyring.json"
    old = read_or_create_keyring(path)
    rotated = rotate_keyring(path)
    assert read_keyring(path) == rotated != old
    assert isinstance(rotated, Keyring)
    assert path.stat().st_mode & 0o777 == 0o600
