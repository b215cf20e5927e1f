"""Which reports are there, and what does each need? All of them are made of the frames of one settlement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from calltime_server.payment.reports import carer_time, quality, spending
from calltime_server.payment.spanning import Span, parts_of, settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection
from calltime_server.store.providers import read_providers
from calltime_server.store.span import span_inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`VISITS`, `LINES` and `PROBLEMS` of the span, ENTRIES, PACKAGES, PROVIDERS (provider, provider_kind), and what the planned time would
    have cost (visit_id, carer_no, commissioned_pence).
    """

    visits: pl.DataFrame
    lines: pl.DataFrame
    problems: pl.DataFrame
    entries: pl.DataFrame
    packages: pl.DataFrame
    providers: pl.DataFrame
    commissioned: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`says` completes the sentence “shows …”; `drawn` is the column that is drawn as bars, `added_up` those whose total says something."""

    says: str
    make: Callable[[Facts], pl.DataFrame]
    drawn: str
    added_up: tuple[str, ...] = ()
    nothing: str = "There is nothing to show for these days. Was their plan brought, and did anybody tap?"


def _journeys(facts: Facts) -> pl.DataFrame:
    found = facts.problems.filter(pl.col("kind").is_in(["impossible_journey", "two_homes_at_once"]))
    return found.group_by("kind", "carer").agg(found=pl.len().cast(pl.Int64), says=pl.col("says").first()).sort("kind", "carer")


REPORTS: Mapping[str, Report] = {
    "savings": Report(
        says="what was commissioned and what it came to, by period and zone",
        make=lambda facts: spending.savings(facts.lines, facts.commissioned),
        drawn="saving_pence",
        added_up=(
            "planned_minutes",
            "commissioned_pence",
            "paid_minutes",
            "actual_pence",
            "parked_minutes",
            "parked_commissioned_pence",
            "saving_pence",
        ),
    ),
    "utilisation": Report(
        says="how far blocks and banks of hours were used",
        make=lambda facts: spending.utilisation(facts.lines),
        drawn="used_share",
        nothing="There were no blocks and no banks in these days.",
    ),
    "shares": Report(
        says="whose hours they were, by zone and kind of provider",
        make=lambda facts: spending.hours_by_kind(facts.lines, facts.providers),
        drawn="share",
    ),
    "zones": Report(
        says="how a zone's hours are split between its providers",
        make=lambda facts: spending.hours_by_provider(facts.lines),
        drawn="share",
        added_up=("paid_minutes",),
    ),
    "new-work": Report(
        says="to which providers new packages went, by zone",
        make=lambda facts: spending.new_work(facts.lines, facts.packages),
        drawn="share",
        nothing="No package began in these days.",
    ),
    "weekly-hours": Report(
        says="the paid hours of each provider, week by week",
        make=lambda facts: spending.weekly_hours(facts.lines),
        drawn="paid_minutes",
        added_up=("paid_minutes",),
    ),
    "open-book": Report(
        says="what a provider's carers worked, beside what it is paid",
        make=lambda facts: carer_time.open_book(facts.visits, facts.lines),
        drawn="hour_pence",
        added_up=(
            "visits",
            "contact_seconds",
            "travel_seconds",
            "waiting_seconds",
            "working_seconds",
            "breaks",
            "open_ends",
            "paid_minutes",
            "paid_pence",
        ),
    ),
    "compliance": Report(
        says="how many visits of each provider were recorded by taps",
        make=lambda facts: quality.compliance(facts.visits),
        drawn="electronic_share",
        added_up=("made", "electronic", "one_end", "by_hand", "missed"),
    ),
    "punctuality": Report(
        says="how near to the planned time visits began",
        make=lambda facts: quality.punctuality(facts.visits),
        drawn="on_time_share",
        added_up=("visits", "on_time", "early", "late", "very_late"),
    ),
    "continuity": Report(
        says="how many carers each service user saw", make=lambda facts: quality.continuity(facts.visits), drawn="main_share"
    ),
    "lengths": Report(says="how long visits lasted of what was planned", make=lambda facts: quality.lengths(facts.visits), drawn="share"),
    "edits": Report(
        says="ends entered by hand that are the planned time to the minute",
        make=lambda facts: quality.edits_as_planned(facts.visits, facts.entries),
        drawn="as_planned_share",
        added_up=("entered", "as_planned"),
        nothing="No end was entered by hand in these days.",
    ),
    "journeys": Report(
        says="carers at two homes at once, and ways that cannot have been made",
        make=_journeys,
        drawn="found",
        nothing="No carer was at two homes at once, and no way was too quick, as far as ways are known (journeys, under Plan).",
    ),
    "carer-time": Report(
        says="contact, ways and waiting of each carer, week by week",
        make=lambda facts: carer_time.statement(facts.visits),
        drawn="working_seconds",
    ),
}


def what_is_over(start: datetime, end: datetime, *, now: datetime) -> Span | None:
    """What of [start, end) a report can tell of: a visit to come would look as if nobody had come. None: it all lies ahead."""
    return (start, min(end, now)) if start < now else None


def facts_of(connection: Connection, *, start: datetime, end: datetime, terms: Sequence[Terms], now: datetime | None = None) -> Facts:
    """Settle [start, end) as everything stands now, and keep what reports are made of. Nothing is written.

    `now` is what the clock says: days before it are known (None: those of the span). Raises TapsForgotten where what a visit may need is
    gone.
    """
    inputs = span_inputs(connection, start=start, end=end, terms=terms, known_by=None)
    settled = settle_inputs(inputs, start=start, end=end, terms=terms, known_by=now)
    commissioned = [
        spending.commissioned(
            settled.lines.filter((pl.col("planned_start") >= part.span[0]) & (pl.col("planned_start") < part.span[1])), part.terms
        )
        for part in parts_of(start=start, end=end, terms=terms)
    ]
    return Facts(
        visits=settled.visits,
        lines=settled.lines,
        problems=settled.problems,
        entries=inputs.told.entries,
        packages=inputs.agreed.packages,
        providers=read_providers(connection).select("provider", provider_kind="kind"),
        commissioned=pl.concat(commissioned),
    )
