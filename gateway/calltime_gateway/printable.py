"""How is shown what a stranger may have written? Spelt out: PostgreSQL takes no NUL, and a terminal obeys an escape."""

from __future__ import annotations


def text(written: str) -> str:
    r"""Spell out what does not print, such as `\x1b`."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in written)


def raw(payload: bytes) -> str:
    r"""Write bytes so that all can be told from each other: plain ASCII as it is, but for the backslash; the rest as `\x1b`."""
    return "".join(chr(byte) if 0x20 <= byte <= 0x7E and byte != 0x5C else f"\\x{byte:02x}" for byte in payload)
