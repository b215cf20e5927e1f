"""Where does a QR reader that wants a keyboard get its codes from, without one?

The only file of the workbench that knows evdev. Linux makes the keyboard (its module uinput); not every kernel can.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import evdev
from evdev import ecodes

from calltime_edge.readers.hid_keys import DOWN, KEYS, LEFT_SHIFT, UP

NAME = "Calltime simulated scanner"

_UINPUT = Path("/dev/uinput")
_ENTER = 28
_KEY_OF = {
    **{shifted: (code, True) for code, (_, shifted) in KEYS.items()},
    **{plain: (code, False) for code, (plain, _) in KEYS.items()},
    "\r": (_ENTER, False),
}


def strokes(text: str) -> Iterator[tuple[int, int]]:
    """The keys that go down and up for a text: code and value of each event. Raises KeyError for what is on no key."""
    for character in text:
        code, shifted = _KEY_OF[character]
        if shifted:
            yield LEFT_SHIFT, DOWN
        yield from ((code, DOWN), (code, UP))
        if shifted:
            yield LEFT_SHIFT, UP


def missing() -> str | None:
    """Why there can be no such scanner here; None when there can."""
    if not _UINPUT.exists():
        return f"This kernel has no {_UINPUT} (CONFIG_INPUT_UINPUT), so nothing can pretend to be a keyboard."
    return None


class SimulatedHidScanner:
    """A scanner that types as a keyboard, plugged in from the start until `unplug` or the end of its `with`. `port` is its path."""

    def __init__(self) -> None:
        self._keyboard = evdev.UInput({ecodes.EV_KEY: [*KEYS, LEFT_SHIFT]}, name=NAME)
        self.port = str(self._keyboard.device.path)
        self._plugged = True

    def scan(self, text: str, *, end: str = "\r") -> None:
        """Type what a code says, as one line."""
        for code, value in strokes(text + end):
            self._keyboard.write(ecodes.EV_KEY, code, value)
            self._keyboard.syn()

    def unplug(self) -> None:
        """Pull the cable. Once is enough, twice does no harm."""
        if self._plugged:
            self._plugged = False
            self._keyboard.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()
