"""What does a day come to: what is paid, parked and refused, and to whom?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calltime_server.store.day_lines import DayFigure
from calltime_server.web.language import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a line, in a symbol and in words; `name` is also the class of its colour."""

    name: str
    symbol: str
    words: str


OUTCOMES = (
    Outcome(name="pay", symbol="✓", words=N_("Paid")),
    Outcome(name="park", symbol="!", words=N_("Parked")),
    Outcome(name="refuse", symbol="✕", words=N_("Refused")),
)
NAMED = {each.name: each for each in OUTCOMES}
REASONS = {
    "delivered": N_("delivered"),
    "nothing_left_to_pay": N_("nothing left to pay"),
    "no_stop": N_("stop missing"),
    "no_start": N_("start missing"),
    "missed": N_("nobody tapped"),
    "no_terms_in_force": N_("no terms in force"),
    "entered_reason": N_("entered by hand, for a reason that the terms do not pay"),
}


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
class ProviderSums:
    """What a provider's lines come to."""

    provider: str
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Actuals:
    """The whole day, and each provider's part of it."""

    total: Sums
    providers: tuple[ProviderSums, ...]


def actuals(figures: Sequence[DayFigure]) -> Actuals:
    """Put the figures of a day together."""
    names = sorted({each.provider for each in figures})
    return Actuals(
        total=_sums(figures),
        providers=tuple(ProviderSums(provider=name, sums=_sums([each for each in figures if each.provider == name])) for name in names),
    )


def _sums(figures: Sequence[DayFigure]) -> Sums:
    return Sums(
        lines=sum(each.lines for each in figures),
        counts=tuple(sum(each.lines for each in figures if each.outcome == outcome.name) for outcome in OUTCOMES),
        pence=sum(each.pence for each in figures),
        paid_seconds=60 * sum(each.paid_minutes for each in figures),
        contact_seconds=sum(each.contact_seconds for each in figures),
        commissioned_seconds=60 * sum(each.commissioned_minutes for each in figures),
    )
