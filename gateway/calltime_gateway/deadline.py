"""Who ends a wait that nothing else would end? A thread that looks again and again whether somebody's time is up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK = 1.0
"""Seconds between two looks."""


class Deadline:
    """For one thread's work. One thread looks after all of it: to start one for each piece costs more.

    `passed`: the time of the last piece was up.
    """

    def __init__(self) -> None:
        """The thread is started when it is needed."""
        self.passed = False
        self._due: tuple[float, Callable[[], None]] | None = None
        self._lock = threading.Lock()
        self._over: threading.Event | None = None

    @contextmanager
    def within(self, seconds: float, end: Callable[[], None]) -> Iterator[None]:
        """If the block takes longer, `end` is called, perhaps more than once, and must make it stop."""
        if self._over is None:
            self._over = threading.Event()
            threading.Thread(target=self._look_again, args=[self._over], name="deadline", daemon=True).start()
        self.passed, self._due = False, (time.monotonic() + seconds, end)
        try:
            yield
        finally:
            with self._lock:  # what comes after this must not be ended for what went before
                self._due = None

    def close(self) -> None:
        """Let the thread end."""
        if self._over is not None:
            self._over.set()
            self._over = None

    def _look_again(self, over: threading.Event) -> None:
        while not over.wait(LOOK):
            with self._lock:
                if self._due is not None and time.monotonic() > self._due[0]:
                    self.passed = True
                    self._due[1]()
