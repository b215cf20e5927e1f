"""What time is it, how long has this machine been up, and how far can the clock be trusted?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from calltime_edge import kernel_clock
from calltime_edge.kernel_clock import Looked
from calltime_wire.records import Sync

LONDON = ZoneInfo("Europe/London")
"""To name a civil day, or to show a time; inside, everything is UTC."""

RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
"""No door ran this software before. A clock that says so knows nothing, whatever it says of its error."""

UNKNOWN_ERROR_MS = 86_400_000
"""What stands for an error that nobody can tell."""

_ON_THE_WAY_MS = 1000
"""What the kernel does not know of: the way of an answer from the time server, and small corrections.

Corrections are not jumps: the clock runs a little faster or slower, and the up-time with it. timesyncd does so below 0.4 s, ntpd below
0.128 s, chrony below 1 s (`makestep 1 3`, which Debian sets); up to that much, up-time is not the time that went by.
"""

_BATTERY_ERROR_MS = 300_000
"""Nobody can tell when a battery-backed clock was set last. Five minutes are what one with a common crystal (20 ppm) is off in 180 days."""

_SET_FROM_IT = timedelta(minutes=1)
"""So near to a battery-backed clock is a wall clock that was set from it: 100 ppm apart are a minute in a week.

/sys/class/rtc/*/hctosys is not asked: it says 0 where a program of the system, and not the kernel, has set the clock from the battery.
A clock file (fake-hwclock, timesyncd) is no battery: it holds when the machine was last on.
"""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The clock at one moment: UTC, the id of this power-up, milliseconds since then, what set the clock, its error in milliseconds."""

    now: datetime
    boot: str
    up_ms: int
    sync: Sync
    error_ms: int


class Clock(Protocol):
    """Something that can be asked for the time."""

    def read(self) -> Reading:
        """Read it."""


class SystemClock:
    """The clock of this machine."""

    def __init__(
        self, *, look: Callable[[], Looked] = kernel_clock.look, batteries: Callable[[], Iterable[datetime]] = kernel_clock.batteries
    ) -> None:
        """Learn which power-up this is."""
        self._look, self._batteries = look, batteries
        self._boot = _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else str(uuid.uuid4())

    def read(self) -> Reading:
        """Read it."""
        looked = self._look()
        sync, error_ms = self._trust(looked)
        return Reading(now=looked.now, boot=self._boot, up_ms=looked.up_ms, sync=sync, error_ms=error_ms)

    def _trust(self, looked: Looked) -> tuple[Sync, int]:
        if looked.now < RELEASED:
            return "none", UNKNOWN_ERROR_MS
        if looked.error_ms is not None:
            return "ntp", looked.error_ms + looked.took_ms + _ON_THE_WAY_MS
        apart = [abs(looked.now - battery) for battery in self._batteries() if battery >= RELEASED]
        if not apart or min(apart) > _SET_FROM_IT:
            return "none", UNKNOWN_ERROR_MS
        # A battery-backed clock is read in whole seconds: one more may be missing.
        apart_ms = (min(apart) + timedelta(seconds=1)) // timedelta(milliseconds=1)
        return "rtc", _BATTERY_ERROR_MS + apart_ms + looked.took_ms
