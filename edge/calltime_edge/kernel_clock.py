"""What does the kernel say of this machine's clocks? The one file that asks it."""

from __future__ import annotations

import ctypes
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_RTCS = Path("/sys/class/rtc")
_STA_UNSYNC, _STA_NANO = 0x0040, 0x2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One look: the wall clock, and milliseconds since the machine was switched on; both were read within `took_ms`.

    `error_ms` is how far off the kernel says that the wall clock may be, and None when nothing disciplines it.
    """

    now: datetime
    up_ms: int
    took_ms: int
    error_ms: int | None


def look() -> Looked:
    """Read both clocks. They are read in a row, and how long that took is told: a machine may stand still in between."""
    error_ms = _discipline()
    began = _up_ns()
    now = datetime.now(UTC)
    took = _up_ns() - began
    return Looked(now=now, up_ms=began // 1_000_000, took_ms=-(-took // 1_000_000), error_ms=error_ms)


def batteries() -> Iterator[datetime]:
    """Read every battery-backed clock of the machine, each cut to its whole second. One that lost its power cannot be read."""
    for file in sorted(_RTCS.glob("rtc*/since_epoch")):
        try:
            yield datetime.fromtimestamp(int(file.read_text(encoding="ascii")), UTC)
        except (OSError, ValueError, OverflowError):
            continue


def _up_ns() -> int:
    # CLOCK_BOOTTIME goes on while the machine sleeps; where there is none, so does not the machine.
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _discipline() -> int | None:
    """Ask adjtimex(2): the same whichever daemon (timesyncd, chrony with rtcsync, ntpd) sets the clock.

    The kernel adds 500 ppm to the error between two words of the daemon, and at 16 s it says by itself that nothing sets the clock.
    """
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjtimex is None:
        return None
    buffer = ctypes.create_string_buffer(512)  # modes = 0: only read
    state: int = adjtimex(buffer)
    offset: int
    max_error_us: int
    _, offset, _, max_error_us, _, status = struct.unpack_from("@Illlli", buffer)
    if state < 0 or status & _STA_UNSYNC:
        return None
    # What is still to be corrected: timesyncd says that its error is 0 while the clock is only on its way there.
    to_correct_us = -(-abs(offset) // 1000) if status & _STA_NANO else abs(offset)
    return -(-(max_error_us + to_correct_us) // 1000)
