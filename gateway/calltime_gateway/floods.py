"""How much may one door fill the quarantine? A burst, then a trickle: what is beyond is let go, and comes again if a door means it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from calltime_gateway.judging import Judged, Reading
from calltime_wire.identity import DeviceId
from calltime_wire.refusals import Refused

BURST = 1000
"""So many bad messages of one door are kept at once. Letters from no door's topic share one such allowance."""
A_SECOND = 1.0
"""So many more a second."""
REMEMBERED = 10_000
"""Doors whose allowance is remembered; whoever is forgotten has a full one again."""


class Floods:
    """What each door has left."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Everybody begins with a full allowance."""
        self._monotonic = monotonic
        self._left: dict[DeviceId | None, tuple[float, float]] = {}

    def bounded(self, judged: Judged) -> Judged:
        """Take what is beyond a door's allowance out of the refusals. The allowance itself is `spent` when the rest is stored.

        Letting go loses nothing: a letter that is not answered is one that its door still has, and sends again after a longer pause.
        """
        if not judged.refused:
            return judged
        now, kept, counts = self._monotonic(), list[tuple[Reading, Refused]](), Counter[DeviceId | None]()
        for one in judged.refused:
            door = one[0].door
            if self._allowance(door, now) >= counts[door] + 1:
                counts[door] += 1
                kept.append(one)
        return replace(judged, refused=tuple(kept), let_go=judged.let_go + len(judged.refused) - len(kept))

    def spent(self, judged: Judged) -> None:
        """Count what was kept, once: a batch that could not be stored comes again, and its doors are not to pay for that."""
        now = self._monotonic()
        for door, count in Counter(reading.door for reading, _ in judged.refused).items():
            left = self._allowance(door, now) - count
            self._left.pop(door, None)  # whoever was heard of last is forgotten last
            self._left[door] = (max(0.0, left), now)
            if len(self._left) > REMEMBERED:
                del self._left[next(iter(self._left))]

    def _allowance(self, door: DeviceId | None, now: float) -> float:
        left, since = self._left.get(door, (BURST, now))
        return min(BURST, left + (now - since) * A_SECOND)
