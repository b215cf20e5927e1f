"""With which key does the gateway sign its receipts? One per installation, made at the first start, readable by its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from calltime_wire import base64url
from calltime_wire.ed25519 import Ed25519Signer


class UnreadableKey(RuntimeError):
    """The key file is there and cannot be used; the message says why and what to do."""


def load_or_make(path: Path) -> Ed25519Signer:
    """Read the private key, or make one and write it before anybody relies on it."""
    if not path.exists():
        _write(path, os.urandom(32))
    try:
        return Ed25519Signer(base64url.decode(path.read_text(encoding="ascii").strip()))
    except ValueError as error:
        says = f"{path} is not a gateway key ({error}). Restore it from your backup: doors trust the receipts of this key only."
        raise UnreadableKey(says) from error


def _write(path: Path, seed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(base64url.encode(seed) + "\n")
        file.flush()
        os.fsync(file.fileno())
    # The name of the file lies in its folder: without this a power cut could leave a key that is registered and gone.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
