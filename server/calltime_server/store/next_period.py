"""Which days has the next pay period? Those of the terms' own period, after the latest that was opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from calltime_server.payment.spanning import in_force, period_of
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection
from calltime_server.store.periods import PeriodRefused, list_periods


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPeriod:
    """`first_day` is None where nobody has opened one yet, and `last_day` where the terms have no periods of their own."""

    first_day: date | None
    last_day: date | None


def next_period(connection: Connection, terms: Sequence[Terms]) -> NextPeriod:
    """Propose it."""
    periods = list_periods(connection)
    if not periods:
        return NextPeriod(first_day=None, last_day=None)
    first = periods[-1].last_day + timedelta(days=1)
    own = in_force(terms, first)
    return NextPeriod(first_day=first, last_day=period_of(own, first)[1] if own.period is not None else None)


def refuse_half_periods(terms: Sequence[Terms], first: date, last: date) -> None:
    """Terms that count over a period are not to be paid by halves of it. Raises PeriodRefused."""
    own = in_force(terms, first)
    if not own.period_steps:
        return
    begins, ends = period_of(own, first)[0], period_of(own, last)[1]
    if (first, last) != (begins, ends):
        raise PeriodRefused(
            f"The terms {own.name} count hours over periods, and {first:%-d %B %Y} to {last:%-d %B %Y} holds halves of them. "
            f"Open {begins:%-d %B %Y} to {ends:%-d %B %Y} instead."
        )
