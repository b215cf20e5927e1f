"""Which readers are at work? Each in its thread, found again when it was lost; what they see goes to the agent one by one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Literal

from calltime_edge.readers.sightings import Reader, ReaderGone, Sighting

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0
"""Seconds between two tries to find a reader that is gone."""

ReaderState = Literal["ready", "gone"]


class Watch:
    """All readers of one door."""

    def __init__(self, readers: Sequence[Reader], handle: Callable[[Sighting], None]) -> None:
        """`handle` is never called twice at once."""
        self._readers = tuple(readers)
        self._handle = handle
        self._one_at_a_time = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.states: dict[str, ReaderState] = {reader.name: "gone" for reader in self._readers}

    def open(self) -> None:
        """Begin to watch, until `close`."""
        self._threads = [threading.Thread(target=self._watch, args=(r,), name=r.name, daemon=True) for r in self._readers]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _watch(self, reader: Reader) -> None:
        while not self._stop.is_set():
            try:
                self.states[reader.name] = "ready"
                for sighting in reader.sightings(self._stop):
                    with self._one_at_a_time:
                        self._handle(sighting)
            except ReaderGone as gone:
                if self.states[reader.name] == "ready":
                    log.warning("%s", gone.says)
                self.states[reader.name] = "gone"
                self._stop.wait(LOOK_AGAIN)
