"""Which readers are at work? Each in its thread, found again when it was lost; what they see goes to the agent one by one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from calltime_edge.readers.sightings import Reader, ReaderGone, Sighting
from calltime_wire.status import ReaderState

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0
"""Seconds between two tries to find a reader that is gone."""
STUCK_AFTER = 30.0
"""Seconds without a word from a reader. The slowest that is well speaks every two or three: one that wakes a chip, or reads a long tag."""


class Watch:
    """All readers of one door."""

    def __init__(self, readers: Sequence[Reader], handle: Callable[[Sighting], None], *, look_again: float = LOOK_AGAIN) -> None:
        """`handle` is never called twice at once. `states` holds no reader that was not looked for yet."""
        self._readers = tuple(readers)
        self._handle = handle
        self._look_again = look_again
        self._one_at_a_time = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._heard: dict[str, float | None] = {}
        self.states: dict[str, ReaderState] = {}

    def open(self) -> None:
        """Begin to watch, until `close`."""
        self._threads = [threading.Thread(target=self._watch, args=(r,), name=r.name, daemon=True) for r in self._readers]
        for thread in self._threads:
            self._heard[thread.name] = time.monotonic()
            thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def stuck(self, now: float) -> list[str]:
        """Which readers have said nothing for STUCK_AFTER: they hang, or what was seen is not handled. `now`: of time.monotonic."""
        return [name for name, heard in list(self._heard.items()) if heard is not None and now - heard > STUCK_AFTER]

    def _watch(self, reader: Reader) -> None:
        """Look at one reader for ever: whatever goes wrong with it or with what it saw, the next carer can tap."""
        while not self._stop.is_set():
            self._heard[reader.name] = time.monotonic()
            try:
                self._listen(reader)
            except ReaderGone as gone:
                self._lost(reader, gone)
            except Exception:  # the outermost loop of this thread
                log.exception("something failed that nobody foresaw, and was not confirmed; opening it again: %s", reader.name)
                self.states[reader.name] = "gone"
            self._heard[reader.name] = None
            self._stop.wait(self._look_again)

    def _listen(self, reader: Reader) -> None:
        for sighting in reader.sightings(self._stop, lambda state: self._told(reader, state)):
            with self._one_at_a_time:
                self._handle(sighting)
            self._heard[reader.name] = time.monotonic()

    def _lost(self, reader: Reader, gone: ReaderGone) -> None:
        if not self._stop.is_set():
            if self.states.get(reader.name) != gone.state:
                log.warning("%s", gone.says)
            self.states[reader.name] = gone.state

    def _told(self, reader: Reader, state: ReaderState) -> None:
        self._heard[reader.name] = time.monotonic()
        if self.states.get(reader.name) != state:
            if state == "ready":
                log.info("ready: %s", reader.name)
            else:
                log.warning(
                    "%s: %s. What it sends is not what such a reader says. Check its cable and its speed (baud).", state, reader.name
                )
        self.states[reader.name] = state
