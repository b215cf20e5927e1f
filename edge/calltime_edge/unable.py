"""What does a door do that cannot begin to record, on a disk that is full, read-only or forgetful? It tells carers so, and tries again."""

from __future__ import annotations

import logging
import signal
import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from calltime_edge.answers import NotStored
from calltime_edge.door import ENDING
from calltime_edge.feedback import Feedback
from calltime_edge.notifying import Notifier
from calltime_edge.outbox import OutboxDamaged
from calltime_edge.readers.sightings import Reader, Sighting
from calltime_edge.watching import Watch

log = logging.getLogger(__name__)

TRY_AGAIN_S = 5.0

Begun = TypeVar("Begun")


def until_it_can(
    begin: Callable[[], Begun], readers: Sequence[Reader], feedback: Feedback, notifier: Notifier, *, try_again: float = TRY_AGAIN_S
) -> Begun | None:
    """Call `begin` until it succeeds; None: SIGTERM or SIGINT came first, which must be blocked in every thread. Raises OutboxDamaged.

    Meanwhile the readers are watched: a carer who heard nothing would hold on, and not know that she must write the time down.
    """
    because, watch, begun, told_to_end = "", None, None, False

    def answer(_: Sighting) -> None:
        feedback.show(NotStored(because=because))

    while begun is None and not told_to_end:
        try:
            begun = begin()
        except OutboxDamaged:
            raise
        except (sqlite3.Error, OSError) as error:
            if str(error) != because:
                because = str(error)
                log.error("NOTHING IS RECORDED: %s. Trying again every %g s.", because, try_again)  # noqa: TRY400  # expected, so no traceback
            if watch is None:
                watch = Watch(readers, answer)
                watch.open()
                notifier.ready()
            notifier.alive(f"NOTHING IS RECORDED: {because}")
            told_to_end = signal.sigtimedwait(ENDING, try_again) is not None
    if watch is not None:
        watch.close()
    return begun
