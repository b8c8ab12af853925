"""The keyring as a file that only its owner can read. Losing it loses every sealed value.

Back it up, apart from the database. A rotation is read at the next start: stop all processes, rotate, start them again.
"""

import os
import stat
from pathlib import Path

from db.crypto.keyring import Keyring
from domain.errors import SecretUnreadable

_OWNER_ONLY = 0o600


def read_keyring(path: Path) -> Keyring:
    """The ring in the file; SecretUnreadable when it is missing, malformed or open to others."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & ~_OWNER_ONLY:
                raise SecretUnreadable(f"The keyring {path} may be read by others (mode {mode:o}): chmod 600 it.")
            return Keyring.from_json(file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnreadable(f"The keyring {path} cannot be read: {type(error).__name__}.") from None


def read_or_create_keyring(path: Path) -> Keyring:
    """The ring in the file, made on the first start.

    Of two processes that start at once, one makes it and both use it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _write_draft(path, Keyring.generate())
        try:
            # a link, unlike a rename, never replaces the file of another process that was quicker
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    return read_keyring(path)


def rotate_keyring(path: Path) -> Keyring:
    """Add a key to the file that seals from now on, for processes that start after this."""
    rotated = read_keyring(path).rotated()
    _write_draft(path, rotated).replace(path)
    _sync_folder(path.parent)
    return rotated


def _write_draft(path: Path, keyring: Keyring) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(keyring.to_json())
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
