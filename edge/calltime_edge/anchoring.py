"""Must the record learn anew how the wall clock stands to the up-time?

A boot or clock record ties the two together, and whoever reads the chain places taps by it. Another one is worth its place when the tie is
new, when it broke (the wall clock was set), or when it has become loose and a much closer one can be had. A clock that is slewed or drifts
within what it says of itself is worth none.
"""

from __future__ import annotations

from datetime import timedelta

from calltime_edge.clock import Reading

DRIFT_PPM = 100
"""So much an up-time that nothing disciplines may be too fast or too slow: 8.6 s a day.

ASSUMPTION: crystals of such boards are sold as ±20 to ±50 ppm, and heat, cold and age may double that; the kernel itself reckons with at
most 500 ppm before it gives up on a clock. docs/wire.md states this bound, and the office counts with it.
"""

LOOSE_MS = 10_000
"""A closer tie is worth a record from here on. Drift alone takes about a day to get there, and so does the next record."""


def worth_recording(anchor: Reading | None, reading: Reading) -> bool:
    """Say whether a clock record should be written. `anchor` is what the record has of this power-up, None when it has nothing."""
    if reading.sync == "none":
        return False  # there is nothing to say: what the record has is better than this
    if anchor is None:
        return True
    since_ms = reading.up_ms - anchor.up_ms
    if since_ms < 0:
        return False  # another thread has looked since, and recorded what it saw
    by_now_ms = anchor.error_ms - (-since_ms * DRIFT_PPM // 1_000_000)
    set_by = reading.now - anchor.now - timedelta(milliseconds=since_ms)
    if abs(set_by) > timedelta(milliseconds=by_now_ms + reading.error_ms):
        return True
    return by_now_ms > LOOSE_MS and by_now_ms > 4 * reading.error_ms
