"""Which characters does a keyboard type, given the keys that go down and up?

Pure: numbers of keys in, bytes out. For QR scanners that pretend to be a keyboard, on the American layout that they come with.
"""

from __future__ import annotations

DOWN, UP = 1, 0
LEFT_SHIFT, RIGHT_SHIFT = 42, 54

NO_TEXT = b"\x00"
"""Typed by a key that is in no table: the line that it stands in is no code, rather than a code with one character less."""

# Linux numbers the keys by where they are; these are the rows of an American keyboard, each from its first key on.
_ROWS = {
    2: ("1234567890-=", "!@#$%^&*()_+"),
    16: ("qwertyuiop[]", "QWERTYUIOP{}"),
    30: ("asdfghjkl;'`", 'ASDFGHJKL:"~'),
    43: ("\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (" ", " "),
}
_ENTER, _TAB, _KEYPAD_ENTER = 28, 15, 96

KEYS: dict[int, tuple[str, str]] = {
    **{first + place: pair for first, row in _ROWS.items() for place, pair in enumerate(zip(*row, strict=True))},
    **dict.fromkeys((_ENTER, _TAB, _KEYPAD_ENTER), ("\r", "\r")),
}
"""What each key types, alone and with shift. Enter and Tab end a line."""

_SILENT = {69, 70}
"""Number lock and scroll lock change nothing here. Capitals lock, control and alt would change what keys mean, and make no text."""


class Keys:
    """Remembers whether shift is held down."""

    def __init__(self) -> None:
        self._shifts: set[int] = set()

    def typed(self, key: int, value: int) -> bytes:
        """What this event types: a key that goes down (1) types, one that goes up (0) or repeats by itself (2) does not."""
        if key in (LEFT_SHIFT, RIGHT_SHIFT) and value == UP:
            self._shifts.discard(key)
        elif key in (LEFT_SHIFT, RIGHT_SHIFT) and value == DOWN:
            self._shifts.add(key)
        elif value == DOWN and key not in _SILENT:
            return self._text(key)
        return b""

    def lost(self) -> bytes:
        """Some events did not come through: what this types, and no key is held down any more."""
        self._shifts.clear()
        return NO_TEXT

    def _text(self, key: int) -> bytes:
        pair = KEYS.get(key)
        return NO_TEXT if pair is None else pair[bool(self._shifts)].encode("ascii")
