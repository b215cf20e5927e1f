"""With which key does this door sign? Its own, made at the first start; the private half never leaves the folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from calltime_wire import base64url
from calltime_wire.ed25519 import Ed25519Signer

ANEW = (
    "move the whole folder away, keep it for the office, and enrol this door anew with a new code; "
    "calltime-edge --folder FOLDER log still shows what was tapped."
)


class UnreadableDoorKey(RuntimeError):
    """The key file is there and cannot be used; the message says what to do."""


class LostDoorKey(RuntimeError):
    """The key is gone and its records are still there; the message says what to do."""


def load_or_make(folder: Path, *, randomness: Callable[[int], bytes] = os.urandom) -> Ed25519Signer:
    """Read the door's private key, or make it, durable before anybody is told its public half.

    Raises UnreadableDoorKey, and LostDoorKey rather than sign on, with a new key, in the chain of the old one.
    """
    path, outbox = folder / "door.key", folder / "outbox.sqlite"
    # The outbox first: a door that starts at the same moment makes its key before its outbox.
    if outbox.exists() and not path.exists():
        raise LostDoorKey(
            f"{path} is gone, and {outbox} holds records that were signed with it. A new key cannot go on where the old one stopped. "
            f"If it was only moved, put it back. If it is lost, {ANEW}"
        )
    if not path.exists():
        _make_folder(folder)
        _write(path, base64url.encode(randomness(32)))
        sync_folder(folder)
    try:
        return Ed25519Signer(base64url.decode(path.read_text(encoding="ascii").strip()))
    except ValueError as error:
        raise UnreadableDoorKey(f"{path} is damaged ({error}). To go on, {ANEW}") from error


def sync_folder(folder: Path) -> None:
    """Make durable which files are in it: a file that is synced can still lose its name in a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _make_folder(folder: Path) -> None:
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in made:
        sync_folder(each.parent)


def _write(path: Path, text: str) -> None:
    # Whole or not at all: after a power cut, a file that was only begun would be a key that nobody can use.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process that had our number, and died
    try:
        # 0600: nobody else on this machine can read it.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)  # fails where there is a key: two first starts at once cannot make two
    finally:
        draft.unlink(missing_ok=True)
