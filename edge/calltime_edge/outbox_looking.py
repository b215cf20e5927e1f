"""How does a command look into the outbox, of a door that runs or of one that is damaged, and change nothing?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calltime_edge import high_mark, outbox_file
from calltime_edge.outbox import Outbox, OutboxDamaged


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
