"""Which numbers may this door have used already? A small file beside the outbox says so, for the day when the outbox is gone.

A number must never stand on two records: the office would hold the second for a forgery. So numbers are reserved a thousand at a
time, before the first of them is used. Whatever is lost with the outbox, the door goes on beyond the mark.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from calltime_edge.door_key import sync_folder

RESERVED_AT_ONCE = 1000
"""So far ahead of the newest record the mark stands, at most; and so many numbers are skipped, at most, after a loss."""


def path_beside(outbox: Path) -> Path:
    """Name the file of an outbox's mark."""
    return outbox.with_suffix(".mark")


def read(path: Path) -> int:
    """Read the highest number that may have been used. 0: there is no mark, or it is damaged, or the disk cannot read it."""
    try:
        once, again = path.read_text(encoding="ascii").split()
        return int(once) if once == again and once.isdecimal() else 0
    except (FileNotFoundError, ValueError):
        return 0
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return 0


def write(path: Path, number: int) -> None:
    """Reserve everything up to a number, durably. It is written twice: a mark with a flipped bit is no mark."""
    draft = path.with_suffix(".mark-new")
    with draft.open("w", encoding="ascii") as file:
        file.write(f"{number} {number}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
