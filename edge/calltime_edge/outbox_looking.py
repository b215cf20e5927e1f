"""How does a command look into the outbox, of a door that runs or of one that is damaged, and change nothing?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calltime_edge import high_mark, outbox_file
from calltime_edge.outbox import Outbox, OutboxDamaged
from calltime_edge.speaking import count


@contextmanager
def look_into(folder: Path) -> Iterator[Outbox | None]:
    """Open a door's outbox for as long as the block lasts; None when nothing was recorded yet.

    Raises OutboxDamaged, for what only the door itself may mend: SQLite would make an empty outbox of it.
    """
    path = folder / "outbox.sqlite"
    log_file, mark = path.with_name(path.name + "-wal"), high_mark.path_beside(path)
    empty = not path.exists() or path.stat().st_size == 0
    if outbox_file.suspicion(path).exists() or (empty and (log_file.exists() or mark.exists())):
        raise OutboxDamaged(f"{path} is damaged")
    if empty:
        yield None
        return
    outbox = Outbox(path, look_only=True)
    try:
        yield outbox
    finally:
        outbox.close()


def only_here(folder: Path) -> str:
    """Say what would be lost for ever with this folder, in words; empty when nothing would."""
    try:
        with look_into(folder) as outbox:
            unsent, aside = (outbox.count_waiting(), outbox.count_set_aside()) if outbox else (0, 0)
    except (sqlite3.Error, OSError) as error:
        return f"nobody can say how many records ({error})"
    damaged = sorted(each.name for each in folder.glob("outbox.damaged-*"))
    held = [count(unsent)] if unsent else []
    if aside:
        held.append(f"{count(aside)} that the office could not take")
    return " and ".join([*held, f"a damaged memory ({damaged[0]})"] if damaged else held)
