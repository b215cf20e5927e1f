"""What does a council see of a day: what is paid, parked and refused, to whom, and line by line?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a line, in a symbol and in words; `name` is also the class of its colour."""

    name: str
    symbol: str
    words: str


OUTCOMES = (
    Outcome(name="pay", symbol="✓", words="Paid"),
    Outcome(name="park", symbol="!", words="Parked"),
    Outcome(name="refuse", symbol="✕", words="Refused"),
)
NAMED = {each.name: each for each in OUTCOMES}
REASONS = {
    "delivered": "delivered",
    "nothing_left_to_pay": "nothing left to pay",
    "no_stop": "stop missing",
    "no_start": "start missing",
    "missed": "nobody came",
    "no_terms_in_force": "no terms in force",
}

BAR_WIDTH = 1000
"""Units of a bar of the picture, for the provider with the most lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Lines, pence, seconds. `counts` are in the order of OUTCOMES."""

    lines: int
    counts: tuple[int, ...]
    pence: int
    paid_seconds: int
    contact_seconds: int
    commissioned_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBar:
    """A provider's sums; `pieces` are outcome, left edge and width of each piece of its bar."""

    provider: str
    sums: Sums
    pieces: tuple[tuple[Outcome, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actuals:
    """`total` and `providers` are of the whole day; `rows`, with words for outcome and reason, of the outcome asked for."""

    total: Sums
    providers: tuple[ProviderBar, ...]
    rows: list[dict[str, Any]]


def actuals(lines: pl.DataFrame, *, outcome: str | None) -> Actuals:
    """Frame: the standing lines of a day."""
    by_provider = {str(name): _sums(own) for (name,), own in sorted(lines.group_by("provider"))}
    most = max((sums.lines for sums in by_provider.values()), default=1)
    shown = lines.filter(pl.col("outcome") == outcome) if outcome else lines
    return Actuals(
        total=_sums(lines),
        providers=tuple(ProviderBar(provider=name, sums=sums, pieces=_pieces(sums, most)) for name, sums in by_provider.items()),
        rows=[
            {**row, "outcome": NAMED[row["outcome"]], "reason": REASONS.get(row["reason"], row["reason"].replace("_", " "))}
            for row in shown.iter_rows(named=True)
        ],
    )


def _sums(lines: pl.DataFrame) -> Sums:
    return Sums(
        lines=lines.height,
        counts=tuple(lines.filter(pl.col("outcome") == each.name).height for each in OUTCOMES),
        pence=int(lines["pence"].sum()),
        paid_seconds=int(lines["paid_minutes"].sum()) * 60,
        contact_seconds=int(lines["contact_seconds"].sum()),
        commissioned_seconds=int(lines.filter(pl.col("kind") == "visit")["planned_minutes"].sum()) * 60,
    )


def _pieces(sums: Sums, most: int) -> tuple[tuple[Outcome, int, int], ...]:
    pieces, before = [], 0
    for outcome, count in zip(OUTCOMES, sums.counts, strict=True):
        left, right = BAR_WIDTH * before // most, BAR_WIDTH * (before + count) // most
        pieces.append((outcome, left, right - left))
        before += count
    return tuple(pieces)
