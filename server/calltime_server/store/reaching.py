"""How far does a settlement of some days reach, where what is paid for one visit depends on others?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from calltime_server.payment.spanning import in_force, parts_of, period_of
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Bank, Budget, Retainer
from calltime_server.store.connection import Connection, fetch
from calltime_server.store.settlements import settled_between
from calltime_server.visits.civil_day import day_of, span_of

WEEK = timedelta(days=7)
# An absence is looked at for this long after its weeks are over: longer than the longest period, so that settling once a period is enough.
AFTERWARDS = 5 * WEEK


def reach(connection: Connection, first: date, last: date, terms: Sequence[Terms]) -> tuple[datetime, datetime]:
    """From when to when visits are settled, so that the ledger comes to the same whatever arrived and was settled when.

    Always from the beginning of the first day's period. As far as something was settled already: to the end of the last day's period; where
    there is a bank, a budget or a retainer, to the last settled day; and back to the first visit for which a retainer may still change.
    """
    start, end = _first_of_period(first, terms), span_of(last)[1]
    if (back := _back(connection, start, end, terms)) < start:
        settled = settled_between(connection, start=back, end=start)
        start = min(start, _first_of_period(day_of(settled[0]), terms)) if settled else start
    if (until := _ahead(last, terms)) is None or until > end:
        settled = settled_between(connection, start=span_of(_first_day(last, terms))[0], end=until)
        end = max(end, settled[1]) if settled else end
    return start, end


def _first_day(day: date, terms: Sequence[Terms]) -> date:
    """Of the part of the period in which the same terms are in force."""
    own = in_force(terms, day)
    if not own.period_steps:
        return day
    return max([period_of(own, day)[0], *(each.starts for each in terms if each.starts <= day)])


def _first_of_period(day: date, terms: Sequence[Terms]) -> datetime:
    return span_of(_first_day(day, terms))[0]


def _ahead(last: date, terms: Sequence[Terms]) -> datetime | None:
    """Up to when what was settled depends on the last day. None: however long ago that is."""
    if any(isinstance(step, Bank | Budget | Retainer) for each in terms for step in each.period_steps):
        return None
    own = in_force(terms, last)
    changes = [span_of(each.starts)[0] for each in terms if each.starts > last]
    return min([span_of(period_of(own, last)[1])[1], *changes]) if own.period_steps else span_of(last)[1]


def _back(connection: Connection, start: datetime, end: datetime, terms: Sequence[Terms]) -> datetime:
    """From when on the days [start, end) can change what was settled."""
    back = start
    if any(isinstance(step, Budget) for each in terms for step in each.period_steps):
        back = parts_of(start=start, end=end, terms=terms)[0].decided[0]
    retainers = [step for each in terms for step in each.period_steps if isinstance(step, Retainer)]
    return min([back, *(_first_absence(connection, start, end, step) for step in retainers)])


def _first_absence(connection: Connection, start: datetime, end: datetime, step: Retainer) -> datetime:
    """When the first absence began of which it was not long decided at `start` whether the service started again."""
    # A retainer is paid for so many weeks at most, and the service has as many again to start.
    since = start - 2 * step.weeks * WEEK - AFTERWARDS
    found: datetime | None = fetch(
        connection,
        "SELECT min(since) FROM absence WHERE since >= %(since)s AND since < %(end)s AND kind = ANY(%(kinds)s)",
        {"since": since, "end": end, "kinds": list(step.absences)},
    )[0][0]
    return min(start, found or start)
