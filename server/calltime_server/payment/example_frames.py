"""Which frames does `settle` need to play worked examples?

Each example has a service user, a package and carers of its own, so that many can be played at once and none takes the other's taps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from calltime_server.payment.agreed import BANKED, BLOCKS, PACKAGES, Agreed
from calltime_server.payment.example_times import later, planned_day, planned_span, tapped_span
from calltime_server.payment.period.periods import first_day_of
from calltime_server.payment.ruling import pence_of
from calltime_server.payment.terms import Period, Terms
from calltime_server.payment.terms_example import Example, ExampleVisit
from calltime_server.payment.terms_steps import BlockHours, WeeklyCeiling
from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.visits.columns import PLAN, TAPS
from calltime_server.visits.told import ABSENCES, ENTRIES, REPORTS, Told

Numbered = tuple[int, Example]
BY = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """PLAN, TAPS, and what was told and agreed."""

    plan: pl.DataFrame
    taps: pl.DataFrame
    told: Told
    agreed: Agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A planned visit of an example, by itself: the tables say `times` = 30."""

    visit_id: str
    user: str
    start: datetime
    minutes: int
    taps: tuple[tuple[datetime, datetime], ...]
    service: str
    written: ExampleVisit


def frames_of(examples: Sequence[Numbered], terms: Terms) -> Frames:
    """All of these examples together. Where the first says `settled_on`, only what was known at the end of that day (it stands alone)."""
    made = {number: tuple(_visits(number, example)) for number, example in examples}
    provider = {number: provider_of(number, example, terms) for number, example in examples}
    zone = {number: example.zone for number, example in examples}
    each = [(number, visit) for number, visits in made.items() for visit in visits]
    plan = [
        (visit.visit_id, visit.user, provider[number], zone[number], visit.service, visit.start, visit.minutes, visit.written.carers)
        for number, visit in each
    ]
    entries = [row for number, visit in each for row in _entries(visit)]
    frames = Frames(
        plan=pl.DataFrame(plan, schema=PLAN, orient="row"),
        taps=pl.DataFrame([row for number, visits in made.items() for row in _taps(number, visits)], schema=TAPS, orient="row"),
        told=Told(
            reports=pl.DataFrame([_report(visit) for _, visit in each if visit.written.told], schema=REPORTS, orient="row"),
            absences=pl.DataFrame([row for numbered in examples for row in _absences(*numbered)], schema=ABSENCES, orient="row"),
            entries=pl.DataFrame([(entry, *row) for entry, row in enumerate(entries, start=1)], schema=ENTRIES, orient="row"),
        ),
        agreed=_agreed(examples, provider, terms.period),
    )
    settled_on = examples[0][1].settled_on
    return frames if settled_on is None else _known_by(span_of(settled_on)[1], frames)


def provider_of(number: int, example: Example, terms: Terms) -> str:
    """The example's own word, or where a step adds up a whole provider and the terms do not name this one, one of its own."""
    ceilings = [step.providers for step in terms.period_steps if isinstance(step, WeeklyCeiling)]
    named = any(example.provider in providers for providers in (*ceilings, *(rate.providers for rate in terms.price.rate)))
    return f"{example.provider} {number + 1}" if adds_up_providers(terms) and not named else example.provider


def adds_up_providers(terms: Terms) -> bool:
    """Whether a step looks at all visits of a provider together."""
    return any(isinstance(step, WeeklyCeiling | BlockHours) for step in terms.period_steps)


def _visits(number: int, example: Example) -> Iterator[Made]:
    for at, written in enumerate(example.visits):
        start, end = planned_span(written.planned)
        spans = [tapped_span(text, planned=(start, end)) for text in written.taps]
        for time in range(written.times):
            begins = later(start, minutes=time * written.every_minutes)
            yield Made(
                visit_id=f"{number}/{at:03}/{time:04}",
                user=str(number),
                start=begins,
                minutes=(end - start) // timedelta(minutes=1),
                taps=tuple((begins + (first - start), begins + (last - start)) for first, last in spans),
                service=written.service or example.service,
                written=written,
            )


def _taps(number: int, visits: Sequence[Made]) -> Iterator[tuple[object, ...]]:
    device, seq = f"example-{number + 1}", 0
    for visit in visits:
        for carer, (first, last) in enumerate(visit.taps if visit.written.entered is None else (), start=1):
            waited = timedelta(minutes=visit.written.waiting_minutes)
            for action, at in (*([("waiting", first - waited)] if waited else []), ("start", first), ("stop", last)):
                seq += 1
                yield device, seq, at, action, f"{visit.user}-{carer}", visit.user, 2, None, None


def _entries(visit: Made) -> Iterator[tuple[object, ...]]:
    if visit.written.entered is not None:
        for carer, (first, last) in enumerate(visit.taps, start=1):
            for action, at in (("start", first), ("stop", last)):
                yield at, action, f"{visit.user}-{carer}", visit.user, visit.written.entered, BY, last


def _report(visit: Made) -> tuple[object, ...]:
    told_at = planned_span(visit.written.told_at)[0] if visit.written.told_at else visit.start
    return visit.visit_id, visit.written.told, told_at, BY, ""


def _absences(number: int, example: Example) -> Iterator[tuple[object, ...]]:
    for absence in example.absence:
        until = planned_span(absence.until)[0] if absence.until else None
        yield str(number), absence.kind, planned_span(absence.since)[0], until


def _agreed(examples: Sequence[Numbered], provider: dict[int, str], period: Period | None) -> Agreed:
    return Agreed(
        packages=pl.DataFrame([row for each in examples for row in _package(*each, provider)], schema=PACKAGES, orient="row"),
        blocks=pl.DataFrame([row for each in examples for row in _block(*each, provider)], schema=BLOCKS, orient="row"),
        banked=pl.DataFrame([row for each in examples for row in _banked(*each, period)], schema=BANKED, orient="row"),
    )


def _package(number: int, example: Example, provider: dict[int, str]) -> Iterator[tuple[object, ...]]:
    agreed = example.package
    if agreed is not None:
        budget = None if agreed.budget is None else pence_of(agreed.budget) // 100
        minutes = (agreed.agreed_minutes, agreed.contingency_minutes)
        paid_by = (agreed.health_percent, agreed.fund_holder, None)
        whose = (str(number), str(number), provider[number], example.service)
        yield *whose, *_days(example), *minutes, budget, agreed.outcome, agreed.exceptional, *paid_by


def _block(number: int, example: Example, provider: dict[int, str]) -> Iterator[tuple[object, ...]]:
    """From a Monday on: blocks are bought by the week."""
    if example.block is not None:
        first, last = _days(example)
        monday = first - timedelta(days=first.weekday())
        yield str(number), provider[number], example.zone, example.service, monday, last, example.block.minutes_per_week


def _banked(number: int, example: Example, period: Period | None) -> Iterator[tuple[object, ...]]:
    if example.package is not None and example.package.banked_minutes and period is not None:
        yield str(number), _period_before(period, _days(example)[0]), example.package.banked_minutes


def _days(example: Example) -> tuple[date, date]:
    """The first and the last planned day."""
    days = [planned_day(visit.planned) for visit in example.visits]
    starts = [(planned_span(visit.planned)[0], (visit.times - 1) * visit.every_minutes) for visit in example.visits]
    return min(days), max(day_of(later(start, minutes=minutes)) for start, minutes in starts)


def _period_before(period: Period, day: date) -> date:
    first = pl.select(first_day_of(period, pl.lit(day))).to_series()
    before: date = pl.select(first_day_of(period, pl.lit(first.item() - timedelta(days=1)))).item()
    return before


def _known_by(end: datetime, frames: Frames) -> Frames:
    lasts_then = pl.when(pl.col("until") < end).then("until")
    return Frames(
        plan=frames.plan.filter(pl.col("planned_start") < end),
        taps=frames.taps.filter(pl.col("time") < end),
        told=Told(
            reports=frames.told.reports.filter(pl.col("told_at") < end),
            absences=frames.told.absences.filter(pl.col("since") < end).with_columns(until=lasts_then),
            entries=frames.told.entries.filter(pl.col("entered_at") < end),
        ),
        agreed=frames.agreed,
    )
