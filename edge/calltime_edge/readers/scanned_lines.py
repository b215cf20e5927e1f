"""Which whole lines has a scanner typed?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlong:
    """A line ran past the bound; it was thrown away."""


class ScannedLines:
    """Cuts bytes into lines that end with CR, LF or CRLF. An empty line is no scan, which also makes CRLF one end and not two."""

    def __init__(self, *, longest: int) -> None:
        self._longest = longest
        self._half = b""
        self._dropping = False

    def feed(self, typed: bytes) -> Iterator[bytes | Overlong]:
        """Yield the lines that `typed` completes; an overlong one is told once, as soon as it is too long."""
        *ended, self._half = _END.split(self._half + typed)
        for line in ended:
            if self._dropping:
                self._dropping = False
            elif len(line) > self._longest:
                yield Overlong()
            elif line:
                yield line
        yield from self._bound()

    def drop_half(self) -> bool:
        """Forget the line that has not ended; False when there is none."""
        had, self._half = bool(self._half), b""
        return had

    def _bound(self) -> Iterator[Overlong]:
        """Never keep more than one line's worth, whatever a broken scanner types."""
        if self._dropping:
            self._half = b""
        elif len(self._half) > self._longest:
            self._dropping, self._half = True, b""
            yield Overlong()
