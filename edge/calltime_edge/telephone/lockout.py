"""Who has keyed in wrong PINs too often? Nobody calls in from that number for a while, whoever it is."""

from __future__ import annotations

import threading
from collections.abc import Callable

TRIES = 3
FOR_S = 15 * 60
"""Seconds: long enough that guessing takes years, short enough that a carer who mistyped can still end her visit by telephone."""


class Lockout:
    """Wrong PINs by what stands for the number. In memory: whoever can restart the line needs no PIN."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now`: seconds that only grow."""
        self._now = now
        self._wrong: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def is_locked(self, number: str) -> bool:
        """Whether no PIN is looked at from there now."""
        with self._lock:
            return len(self._recent(number)) >= TRIES

    def wrong(self, number: str) -> None:
        """Count a wrong PIN."""
        with self._lock:
            self._wrong[number] = [*self._recent(number), self._now()]

    def right(self, number: str) -> None:
        """Somebody knew a PIN there: what was wrong before was a slip."""
        with self._lock:
            self._wrong.pop(number, None)

    def _recent(self, number: str) -> list[float]:
        return [at for at in self._wrong.get(number, []) if self._now() - at < FOR_S]
