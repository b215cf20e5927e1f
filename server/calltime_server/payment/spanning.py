"""What do the visits of a span of time come to, when the calculation needs more than the span?

A visit over midnight has a tap on the next day; agreed hours are counted over a whole period; terms change in the middle of a month. So
more is read and settled than is asked for, each part by the terms in force, and the result is cut back: what a period comes to does not
depend on the span.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import polars as pl

from calltime_server.payment.banked import FLOWS, banked_after
from calltime_server.payment.beside_words import with_brought
from calltime_server.payment.deciding import decide
from calltime_server.payment.explaining import explained
from calltime_server.payment.inputs import Inputs
from calltime_server.payment.period.days import Days
from calltime_server.payment.period.periods import first_day_of, last_day_of, monday_of
from calltime_server.payment.settling import Settlement, seen
from calltime_server.payment.telling import with_placed
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import BlockHours, Budget, Retainer, WeeklyCeiling
from calltime_server.visits import london
from calltime_server.visits.brought import brought_ends, graded
from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.visits.entered import entered_taps
from calltime_server.visits.problems import gathered
from calltime_server.visits.retiming import retime
from calltime_server.visits.whose import resolve

Span = tuple[datetime, datetime]
A_DAY, WEEK = timedelta(days=1), timedelta(days=7)
AT = pl.coalesce("planned_start", "started", "ended")
NO_TIME = pl.col("kind") == "no_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one file of terms settles: the lines of `span`, for which visits of all of `decided` are decided."""

    terms: Terms
    span: Span
    decided: Span

    @property
    def around(self) -> timedelta:
        """How far from a visit its taps may be."""
        return timedelta(hours=self.terms.pairing.longest_hours, minutes=self.terms.matching.window_minutes)

    def days(self, *, known: date) -> Days:
        """The days of `decided`, of which everything is known up to this one."""
        return Days(first=day_of(self.decided[0]), last=day_of(self.decided[1] - timedelta(milliseconds=1)), known=known)


def in_force(terms: Sequence[Terms], day: date) -> Terms:
    """The terms of that day: those that began last. Before the first began, these, which say that they were not in force."""
    begun = [each for each in terms if each.starts <= day]
    return max(begun, key=lambda each: each.starts) if begun else min(terms, key=lambda each: each.starts)


def parts_of(*, start: datetime, end: datetime, terms: Sequence[Terms]) -> tuple[Part, ...]:
    """[start, end) in the parts in which one file of terms is in force."""
    changes = sorted(span_of(each.starts)[0] for each in terms)[1:]
    bounds = [start, *(change for change in changes if start < change < end), end]
    parts = [_part(begin, stop, terms) for begin, stop in pairwise(bounds)]
    # Readers go by the first and the last part: these reach as far as any.
    parts[0] = replace(parts[0], decided=(min(part.decided[0] for part in parts), parts[0].decided[1]))
    parts[-1] = replace(parts[-1], decided=(parts[-1].decided[0], max(part.decided[1] for part in parts)))
    return tuple(parts)


def taps_needed(*, start: datetime, end: datetime, terms: Sequence[Terms]) -> Span:
    """From when to when taps can have to do with the visits planned in [start, end)."""
    parts = parts_of(start=start, end=end, terms=terms)
    around = max(part.around for part in parts)
    return parts[0].decided[0] - 2 * around, parts[-1].decided[1] + 2 * around


def _part(start: datetime, end: datetime, terms: Sequence[Terms]) -> Part:
    own = in_force(terms, day_of(start))
    return Part(terms=own, span=(start, end), decided=_whole(own, start, end))


def _throughout(own: Terms, terms: Sequence[Terms]) -> Terms:
    """These terms on all days on which some are in force without a gap, for what is counted over a change of terms."""
    starts, ends = own.starts, own.ends
    for each in sorted(terms, key=lambda each: each.starts, reverse=True):
        if each.starts < starts and (each.ends is None or each.ends >= starts - A_DAY):
            starts = each.starts
    for each in sorted(terms, key=lambda each: each.starts):
        if ends is not None and own.starts < each.starts <= ends + A_DAY:
            ends = each.ends
    return replace(own, starts=starts, ends=ends)


def _whole(terms: Terms, start: datetime, end: datetime) -> Span:
    """Whole periods, and those before and after on which budgets and retainers look."""
    if not terms.period_steps:
        return start, end
    back = max((step.weeks for step in terms.period_steps if isinstance(step, Budget)), default=0)
    # A service that was interrupted for so many weeks has as many again to start.
    ahead = 2 * max((step.weeks for step in terms.period_steps if isinstance(step, Retainer)), default=0)
    first, last = period_of(terms, day_of(start))[0] - back * WEEK, day_of(end - timedelta(milliseconds=1)) + ahead * WEEK
    if terms.period is None or any(isinstance(step, WeeklyCeiling | BlockHours) for step in terms.period_steps):
        first, last = _day(monday_of(pl.lit(first))), _day(monday_of(pl.lit(last))) + timedelta(days=6)
    if terms.period is not None:
        first, last = period_of(terms, first)[0], period_of(terms, last)[1]
    return span_of(first)[0], span_of(last)[1]


def period_of(terms: Terms, day: date) -> tuple[date, date]:
    """The first and the last day of the terms' period in which the day lies; the day itself where the terms have none."""
    if terms.period is None:
        return day, day
    first = _day(first_day_of(terms.period, pl.lit(day)))
    return first, _day(last_day_of(terms.period, pl.lit(first)))


def _day(expression: pl.Expr) -> date:
    day: date = pl.select(expression).item()
    return day


def settle_inputs(
    inputs: Inputs, *, start: datetime, end: datetime, terms: Sequence[Terms], known_by: datetime | None = None
) -> Settlement:
    """Settle the visits planned in [start, end). The inputs reach as far as `parts_of` says, and further by `around`.

    Lines have `explanation`, and `falls_on`: null for a visit, else the last day of the period. What is no visit belongs to that day.
    `known_by` is when the inputs were read (None: after the span's last day): days are known up to the one before.
    """
    known = day_of(known_by or end) - A_DAY
    placed = retime(inputs.said, inputs.clocks)
    resolved = resolve(placed, inputs.badges)
    parts: list[Settlement] = []
    flows = FLOWS.to_frame()
    for part in parts_of(start=start, end=end, terms=terms):
        days = part.days(known=known)
        # What the parts before it left in the banks for the first period that is decided here.
        flows = flows.filter(pl.col("period") < days.first)
        agreed = replace(inputs.agreed, banked=banked_after(flows, terms=part.terms, before=inputs.agreed.banked))
        visits, problems = _seen(part, inputs, resolved.taps)
        own = _throughout(part.terms, terms)
        decided = decide(visits.filter(_within(AT, part.decided)), own, inputs.told, agreed, days=days)
        moved = decided.filter(pl.col("bank_minutes") != 0).select("package", "period", minutes="bank_minutes")
        flows = pl.concat([flows, moved])
        lines = cut_back(decided, part)
        worded = explained(lines, part.terms).with_columns(lines["falls_on"])
        parts.append(Settlement(visits=visits.filter(_within(AT, part.span)), lines=worded, problems=problems))
    visits = pl.concat(part.visits for part in parts)
    problems = pl.concat([*(part.problems for part in parts), resolved.problems.filter(~NO_TIME)])
    brought = graded(inputs.told)
    ends = pl.concat(each.select("device", "seq", "time") for each in (placed, brought_ends(brought)))
    tapped = ends.filter(_within(pl.col("time"), (start, end))).select("device", "seq").unique()
    lines = with_brought(with_placed(pl.concat((part.lines for part in parts), how="diagonal"), placed), brought)
    return Settlement(
        visits=visits,
        lines=lines,
        # A tap that nobody can place in time belongs to no day; it is shown on each until it is mended.
        problems=gathered(resolved.problems.filter(NO_TIME), *_of_span(problems.unique(), visits, tapped)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`VISITS`, `PROBLEMS`, and when each tap, entry and end that was brought was: device, seq, time."""

    visits: pl.DataFrame
    problems: pl.DataFrame
    times: pl.DataFrame


def see_inputs(inputs: Inputs, *, start: datetime, end: datetime, terms: Sequence[Terms]) -> Seen:
    """What became of the visits planned in [start, end), and what nobody planned: before anybody asks what it costs.

    A tap that nobody can place in time is told in the span in which it was received.
    """
    placed = retime(inputs.said, inputs.clocks)
    resolved = resolve(placed, inputs.badges)
    parts = [(part, *_seen(part, inputs, resolved.taps)) for part in parts_of(start=start, end=end, terms=terms)]
    visits = pl.concat(visits.filter(_within(AT, part.span)) for part, visits, _ in parts)
    problems = pl.concat([*(problems for *_, problems in parts), resolved.problems.filter(~NO_TIME)])
    entered = entered_taps(inputs.told.entries)
    ends = (placed, entered, brought_ends(graded(inputs.told)))
    times = pl.concat(each.select("device", "seq", "time").unique(("device", "seq")) for each in ends)
    received = placed.filter(_within(pl.col("received_at"), (start, end))).select("device", "seq").unique()
    without_time = resolved.problems.filter(NO_TIME).join(received, on=["device", "seq"], how="semi")
    tapped = times.filter(_within(pl.col("time"), (start, end))).select("device", "seq")
    return Seen(visits=visits, problems=gathered(without_time, *_of_span(problems.unique(), visits, tapped)), times=times)


def _seen(part: Part, inputs: Inputs, taps: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    (since, until), around = part.decided, part.around
    return seen(
        inputs.plan.filter(_within(pl.col("planned_start"), (since - around, until + around))),
        taps.filter(_within(pl.col("time"), (since - 2 * around, until + 2 * around))),
        part.terms,
        inputs.told,
    )


def cut_back(decided: pl.DataFrame, part: Part) -> pl.DataFrame:
    """The lines of the part's own span, each with the day on which it falls if it is no visit."""
    day = london.civil_day(pl.col("planned_start"))
    if part.terms.period is not None:
        day = pl.coalesce(last_day_of(part.terms.period, pl.col("period")), day)
    first, last = day_of(part.span[0]), day_of(part.span[1] - timedelta(milliseconds=1))
    of_span = pl.when(pl.col("kind") == "visit").then(_within(pl.col("planned_start"), part.span))
    return decided.with_columns(falls_on=pl.when(pl.col("kind") != "visit").then(day)).filter(
        of_span.otherwise(pl.col("falls_on").is_between(pl.lit(first), pl.lit(last)))
    )


def _within(at: pl.Expr, span: Span) -> pl.Expr:
    return (at >= span[0]) & (at < span[1])


def _of_span(problems: pl.DataFrame, visits: pl.DataFrame, tapped: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield problems.filter(pl.col("visit_id").is_in(visits["visit_id"].drop_nulls().implode()))
    yield problems.filter(pl.col("visit_id").is_null()).join(tapped, on=["device", "seq"], how="semi")
