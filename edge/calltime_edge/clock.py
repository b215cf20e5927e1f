"""What time is it, how long has this machine been up, and how far can the clock be trusted?"""

from __future__ import annotations

import ctypes
import struct
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from calltime_wire.records import Sync

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STA_UNSYNC = 0x0040
_UNKNOWN_ERROR_MS = 86_400_000


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

    def __init__(self) -> None:
        """Learn which power-up this is."""
        self._boot = _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else str(uuid.uuid4())

    def read(self) -> Reading:
        """Read it."""
        sync, error_ms = _kernel_clock()
        # CLOCK_BOOTTIME goes on while the machine sleeps; where there is none, so does not the machine.
        up = time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
        return Reading(now=datetime.now(UTC), boot=self._boot, up_ms=up // 1_000_000, sync=sync, error_ms=error_ms)


def _kernel_clock() -> tuple[Sync, int]:
    """Ask the kernel whether something disciplines its clock, and how far off it may be: the same whichever daemon does it."""
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjtimex is None:
        return "none", _UNKNOWN_ERROR_MS
    buffer = ctypes.create_string_buffer(512)  # modes = 0: only read
    state: int = adjtimex(buffer)
    _, _, _, max_error_us, _, status = struct.unpack_from("@Illlli", buffer)
    if state < 0 or status & _STA_UNSYNC:
        return "none", _UNKNOWN_ERROR_MS
    return "ntp", max(1, max_error_us // 1000)
