"""How much may one door fill the quarantine? A burst, then a trickle: what is beyond is let go, and comes again if a door means it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from calltime_gateway.judging import Judged
from calltime_wire.identity import DeviceId

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
        """Take what is beyond a door's allowance out of the refusals.

        Letting go loses nothing: a letter that is not answered is one that its door still has, and sends again after a longer pause.
        """
        if not judged.refused:
            return judged
        kept = tuple(one for one in judged.refused if self._may(one[0].door))
        return replace(judged, refused=kept, let_go=judged.let_go + len(judged.refused) - len(kept))

    def _may(self, door: DeviceId | None) -> bool:
        now = self._monotonic()
        left, since = self._left.pop(door, (BURST, now))
        left = min(BURST, left + (now - since) * A_SECOND)
        self._left[door] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > REMEMBERED:
            del self._left[next(iter(self._left))]
        return left >= 1
