"""Is this door at work already? Two programs with one key and one chain would fight for one name."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO


def hold(folder: Path) -> TextIO | None:
    """Hold the folder until the file is closed; None when somebody holds it. The lock ends with its process, however that ends."""
    lock = folder / "door.lock"
    try:
        file = lock.open("a", encoding="ascii")
    except OSError:  # a disk that is full or read-only: a door must still be able to say so, and the lock needs no writing
        file = lock.open(encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_held(folder: Path) -> bool:
    """Whether a door runs with this folder now. Makes nothing."""
    try:
        with (folder / "door.lock").open(encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
