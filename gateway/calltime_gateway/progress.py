"""How far is a door's chain closed, and which ranges beyond that is it told? Lost numbers close a gap, but only stored ones are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Range = tuple[int, int]
"""First and last, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a door's chain is closed: through a stored record that has this digest, and which ranges are stored beyond it."""

    through: int
    digest: bytes | None
    also: tuple[Range, ...]


def follow(before: Progress, new: Mapping[int, bytes], *, at_most: int) -> Progress:
    """Say how far a door is with these new records (number: digest), if nothing beyond `before` is stored or declared lost yet."""
    spans = _joined((seq, seq) for seq in new if seq > before.through)  # one that was declared lost may come all the same
    if spans and spans[0][0] == before.through + 1:
        through = spans[0][1]
        return Progress(through=through, digest=new[through], also=tuple(spans[1 : at_most + 1]))
    return Progress(through=before.through, digest=before.digest, also=tuple(spans[:at_most]))


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


def told(progress: Progress, *, arrived: Iterable[int], at_most: int) -> tuple[Range, ...]:
    """Say which ranges beyond the first gap to tell: those of the stored records that just arrived, then the nearest.

    What a door sends is answered, however much is stored between it and a gap that may never close. Of more ranges than `at_most`
    the rest comes again and is answered then, because what a door has been told it does not send again.
    """
    here = _joined((seq, seq) for seq in arrived if seq > progress.through)[:at_most]
    return tuple(_joined([*here, *progress.also[: at_most - len(here)]]))


def _joined(ranges: Iterable[Range]) -> list[Range]:
    joined: list[Range] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
