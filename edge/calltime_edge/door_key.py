"""With which key does this door sign? Its own, made at the first start; the private half never leaves the folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from calltime_wire import base64url
from calltime_wire.ed25519 import Ed25519Signer


class UnreadableDoorKey(RuntimeError):
    """The key file is there and cannot be used; the message says what to do."""


def load_or_make(folder: Path, *, randomness: Callable[[int], bytes] = os.urandom) -> Ed25519Signer:
    """Read the door's private key, or make it, durable before anybody is told its public half."""
    path = folder / "door.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, base64url.encode(randomness(32)))
    try:
        return Ed25519Signer(base64url.decode(path.read_text(encoding="ascii").strip()))
    except ValueError as error:
        says = f"{path} is damaged ({error}). Move it away and enrol this door anew; what is in its outbox stays readable for the office."
        raise UnreadableDoorKey(says) from error


def _write(path: Path, text: str) -> None:
    # O_EXCL: two first starts at once cannot make two keys. 0600: nobody else on this machine can read it.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
