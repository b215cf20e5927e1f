"""How does whatever a QR scanner types, on a serial port or as a keyboard, become sightings?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from calltime_edge.readers.scans import AGAIN_SECONDS, Scans
from calltime_edge.readers.sightings import Sighting
from calltime_wire.status import ReaderState

LISTEN_SECONDS = 0.1
"""How long a silent scanner is listened to before `stop` is looked at again."""


def scanned(
    listen: Callable[[], bytes], stop: threading.Event, tell: Callable[[ReaderState], None], *, again_seconds: float = AGAIN_SECONDS
) -> Iterator[Sighting]:
    """Yield what is scanned until `stop` is set. `listen` returns what was typed, after LISTEN_SECONDS at the latest.

    A scanner that types no text babbles until it types some: most likely it was set to another speed.
    """
    scans = Scans(again_seconds=again_seconds)
    while not stop.is_set():
        tell("babbling" if scans.babbling else "ready")
        yield from scans.feed(listen(), time.monotonic())
