"""What do the lines of a QR scanner say, and which of them is a new presentation?"""

from __future__ import annotations

from collections.abc import Iterator

from calltime_edge.readers.address import LONGEST_ADDRESS, read_address
from calltime_edge.readers.scanned_lines import Overlong, ScannedLines
from calltime_edge.readers.sightings import Sighting, Unreadable, Why

AGAIN_SECONDS = 3.0
"""A scanner in continuous mode types the same code many times a second: what comes again so soon after the last time is no new scan."""

UNENDED_SECONDS = 1.0
"""A scanner types a line in one go. What has no end by then never gets one, and half an address must not count as a whole one."""


class Scans:
    """Bytes in, sightings out. Times are seconds of any clock that only goes forward."""

    def __init__(self, *, again_seconds: float = AGAIN_SECONDS) -> None:
        self.babbling = False
        """Whether the last thing that was typed was no text."""
        self._again_seconds = again_seconds
        self._lines = ScannedLines(longest=LONGEST_ADDRESS)
        self._typed_at = 0.0
        self._seen_at: dict[Sighting, float] = {}

    def feed(self, typed: bytes, at: float) -> Iterator[Sighting]:
        """Take in what was typed since the last time, also when it is nothing; yield each new presentation."""
        if typed:
            self._typed_at = at
        seen = [_sighting(line) for line in self._lines.feed(typed)]
        if at - self._typed_at > UNENDED_SECONDS and self._lines.drop_half():
            seen.append(Unreadable(via="qr", why=Why.BABBLE))
        for sighting in seen:
            self.babbling = isinstance(sighting, Unreadable) and sighting.why is Why.BABBLE
            if self._is_new(sighting, at):
                yield sighting

    def _is_new(self, sighting: Sighting, at: float) -> bool:
        self._seen_at = {each: seen for each, seen in self._seen_at.items() if at - seen < self._again_seconds}
        new = sighting not in self._seen_at
        self._seen_at[sighting] = at
        return new


def _sighting(line: bytes | Overlong) -> Sighting:
    if isinstance(line, Overlong):
        return Unreadable(via="qr", why=Why.OVERLONG)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return Unreadable(via="qr", why=Why.BABBLE)
    return read_address(text, via="qr") if text.isprintable() else Unreadable(via="qr", why=Why.BABBLE)
