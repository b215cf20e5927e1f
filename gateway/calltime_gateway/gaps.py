"""Which doors are unreceipted? Those of which something is stored beyond a gap: until that closes, no receipt lets them forget it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calltime_gateway import looking
from calltime_gateway.figures import Figures
from calltime_gateway.looking import Connection
from calltime_gateway.store import DatabaseAway, SchemaMissing

log = logging.getLogger(__name__)

PAUSE = 60.0
"""Seconds between two counts, at least."""
SHARE = 100
"""A count that takes long is made more seldom: it has a hundredth of the time."""
TOLD = 100
"""So many doors are named to a person."""

UNRECEIPTED = """
    FROM door_progress CROSS JOIN LATERAL (
        SELECT seq FROM receipt WHERE receipt.device = door_progress.device AND receipt.seq > door_progress.through ORDER BY seq LIMIT 1
    ) AS beyond
"""
"""One look into an index for each door, never through the record."""


def count(connection: Connection) -> int:
    """Count them."""
    return int(connection.execute(f"SELECT count(*) {UNRECEIPTED}").fetchall()[0][0])


def told(dsn: str) -> str:
    """Name them to a person, the widest gap first. Raises DatabaseAway or SchemaMissing."""
    with looking.connected(dsn) as connection:
        number = count(connection)
        rows = connection.execute(
            f"SELECT device, through, seq {UNRECEIPTED} ORDER BY seq - through DESC, device LIMIT %(at_most)s", {"at_most": TOLD}
        ).fetchall()
    if not rows:
        return "No door waits for a receipt: nothing is missing between what is stored."
    lines = [
        f"{device}  has receipts through {through}; {_missing(through + 1, seq - 1)} missing, later ones are stored"
        for device, through, seq in rows
    ]
    more = [f"and {number - len(rows)} doors more"] if number > len(rows) else []
    return "\n".join(
        [
            *lines,
            *more,
            "What is missing comes with the door's next connection, or is declared lost by it. Look at doors that stay here for a day.",
        ]
    )


def _missing(first: int, last: int) -> str:
    return f"record {first} is" if first == last else f"records {first} to {last} are"


@contextmanager
def counted(dsn: str, figures: Figures, *, pause: float = PAUSE) -> Iterator[None]:
    """Keep the figure of unreceipted doors fresh while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep_counting, args=[lambda: _once(dsn, figures), stop, pause], name="gaps", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _keep_counting(once: Callable[[], None], stop: threading.Event, pause: float) -> None:
    while not stop.is_set():
        began = time.monotonic()
        once()
        stop.wait(max(pause, SHARE * (time.monotonic() - began)))


def _once(dsn: str, figures: Figures) -> None:
    try:
        with looking.connected(dsn) as connection:
            figures.unreceipted(count(connection))
    except (DatabaseAway, SchemaMissing) as error:
        figures.unreceipted(None)
        log.info("the unreceipted doors cannot be counted", extra={"fault": type(error).__name__})
