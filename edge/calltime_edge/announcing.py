"""When does the door say how it is? With a change and now and then, but never so that an idle radio wakes for it twice in half a minute."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from calltime_wire.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds: at least `quiet` between two wake-ups of an idle radio, and a status after `heartbeat` even when nothing has changed."""

    quiet: float = 30.0
    heartbeat: float = 300.0

    @property
    def keepalive(self) -> int:
        """What to promise a broker: it hears of this door so often, because a status is sent where MQTT would have a ping."""
        return math.ceil(self.heartbeat + 2 * self.quiet)

    def within(self, keepalive: int) -> Pace:
        """Hurry when the broker insists on a shorter one (0: on none)."""
        if keepalive in {0, self.keepalive}:
            return self
        return Pace(quiet=min(self.quiet, keepalive / 4), heartbeat=min(self.heartbeat, keepalive / 2))


class Announcing:
    """What was said over one connection. Time is handed in, in seconds of one monotonic clock."""

    def __init__(self, pace: Pace) -> None:
        """Nothing was said yet, so the first look says it."""
        self._pace = pace
        self._said: Status | None = None
        self._said_at = self._look_at = -math.inf

    def look(self, now: float, status: Callable[[], Status], *, riding: bool) -> Status | None:
        """Ask for the status when it is time to, and return it when it is to be said.

        `riding`: a receipt came just now. The radio is awake, so a status costs little, and the next one to wake it is put off.
        """
        if now < self._look_at and not riding:
            return None
        self._look_at = now + self._pace.quiet
        current = status()
        if current == self._said and now - self._said_at < (self._pace.quiet if riding else self._pace.heartbeat):
            return None
        self._said, self._said_at = current, now
        return current

    def sent(self, now: float) -> None:
        """Records went out: their receipt is the next occasion, or the quiet after them, but no later than a heartbeat."""
        self._look_at = max(self._look_at, min(now + self._pace.quiet, self._said_at + self._pace.heartbeat))

    def fresh(self, now: float) -> bool:
        """Whether the last status is so young that one in the middle of a backlog would be too many."""
        return now - self._said_at < self._pace.quiet

    def look_in(self, now: float) -> float:
        """Say in how many seconds it is time to look again."""
        return max(0.0, self._look_at - now)
