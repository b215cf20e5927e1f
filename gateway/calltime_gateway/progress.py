"""How far is a door's chain closed? Over what is stored, and over what the door has declared lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Range = tuple[int, int]
"""First and last, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a door's chain is closed: through a stored record that has this digest, and which ranges are stored beyond it."""

    through: int
    digest: bytes | None
    also: tuple[Range, ...]


def reach(through: int, *, stored: Iterable[Range], lost: Iterable[Range]) -> int:
    """Say through which record the chain is closed now: the last stored one before the first number that is neither stored nor lost.

    The ranges may overlap and come in any order. It never rests on a lost number: a receipt proves itself by the digest of a stored record.
    """
    closed = through
    spans = [(first, last, last) for first, last in stored] + [(first, last, 0) for first, last in lost]
    for first, last, on_record in sorted(spans):
        if first > closed + 1:
            break
        closed = max(closed, last)
        through = max(through, on_record)
    return through
