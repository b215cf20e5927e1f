"""Who has keyed in wrong PINs too often? Nobody calls in from that number for a while, whoever it is.

A right PIN wipes nothing out: whoever guesses at another's would key in her own in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, TypeAlias

TRIES = 3
FOR_S = 15 * 60
"""Seconds: long enough that guessing is slow, short enough that a carer who mistyped can still end her visit by telephone."""
A_DAY = 100
"""Wrong PINs on the whole line, from whatever number. After them one alone locks its number for a day, so that whoever has many numbers, or
forges them, gets hardly any further; a number without one is let in as ever, or else guessing would be a way to shut the line for all."""
DAY_S = 24 * 60 * 60

Lock: TypeAlias = Literal["for a while", "for the day"]


class Lockout:
    """Wrong PINs by what stands for the number. In memory: whoever can restart the line needs no PIN."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now`: seconds that only grow."""
        self._now = now
        self._wrong: list[tuple[float, str]] = []
        self._lock = threading.Lock()

    def of(self, number: str) -> Lock | None:
        """For how long no PIN is looked at from there; None: it is."""
        with self._lock:
            now = self._today()
            ages = [now - at for at, by in self._wrong if by == number]
            if ages and len(self._wrong) >= A_DAY:
                return "for the day"
            return "for a while" if sum(age < FOR_S for age in ages) >= TRIES else None

    def wrong(self, number: str) -> None:
        """Count a wrong PIN. It is forgotten after a day, and by nothing else."""
        with self._lock:
            now = self._today()
            self._wrong.append((now, number))

    def _today(self) -> float:
        """What time it is, with no more kept than a day's."""
        now = self._now()
        self._wrong = [(at, by) for at, by in self._wrong if now - at < DAY_S]
        return now
