"""What does a provider see of a day: who was planned, who came, what is to mend, and how the day fills?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from calltime_server.payment.settling import Settlement
from calltime_server.payment.terms import Terms
from calltime_server.visits.columns import DELIVERED
from calltime_server.visits.london import LONDON


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a visit stands, in a symbol and in words: never by colour alone. `name` is the class of its colour."""

    name: str
    symbol: str
    words: str


# In the order in which they are stacked in the picture, from the bottom.
STATES = (
    State(name="delivered", symbol="✓", words="Delivered"),
    State(name="under_way", symbol="▶", words="Under way"),
    State(name="no_stop", symbol="!", words="Stop missing"),
    State(name="no_start", symbol="!", words="Start missing"),
    State(name="told", symbol="–", words="Not made, with a reason"),
    State(name="missed", symbol="✕", words="Nobody came"),
    State(name="to_come", symbol="○", words="Still to come"),
)
NOT_PLANNED = State(name="not_planned", symbol="?", words="Not planned")

# What a problem is called above its sentences; those without "mend" are told for the record only.
KINDS = {
    "no_stop": "Stop missing",
    "no_start": "Start missing",
    "not_planned": "Not planned",
    "one_carer_short": "One carer short",
    "tapped_while_absent": "Taps while the service user was away",
    "report_of_nothing": "A reason for a visit that is not planned",
    "told_otherwise": "A reason for no visit, and yet both taps",
    "moved": "Made at another time",
    "two_homes_at_once": "In two homes at once",
    "impossible_journey": "From home to home too fast",
    "unknown_badge": "Unknown badge",
    "unknown_tag": "Unknown tag",
    "no_time": "Time unknown",
    "clock_contradicts": "Clock contradicts itself",
    "fork": "Two different taps under one number",
}
ONLY_TOLD = {
    "told_twice": "Told twice of one visit",
    "entry_not_needed": "Entered by hand, and not needed",
    "second_tap": "Tapped twice",
    "waiting": "Waiting at the door",
}

COLUMN_HEIGHT = 1000
"""Units of a column of the picture, from nothing to the fullest hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A piece of a column: which state, from where, how high; `count` carer visits."""

    state: State
    count: int
    top: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The carer visits that were planned to start in this hour of London's clocks."""

    label: str
    total: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLog:
    """Everything that the page shows. `rows` have the columns of VISITS and `state`."""

    rows: list[dict[str, Any]]
    planned: int
    counts: tuple[tuple[State, int], ...]
    contact_seconds: int
    planned_seconds: int
    hours: tuple[Hour, ...]
    to_mend: tuple[tuple[str, tuple[str, ...]], ...]
    only_told: tuple[tuple[str, tuple[str, ...]], ...]


def visit_log(settlement: Settlement, *, terms: Terms, now: datetime) -> VisitLog:
    """Look at a day as it stands `now`: a visit that can still be made is not missed, one that was just started lacks no stop."""
    visits = settlement.visits.with_columns(state=_state(terms, now))
    places = visits.filter(pl.col("carer_no").is_not_null())
    under_way = visits.filter(pl.col("state") == "under_way").select(device="start_device", seq="start_seq")
    problems = settlement.problems.join(under_way, on=["device", "seq"], how="anti")
    named = {state.name: state for state in (*STATES, NOT_PLANNED)}
    counts = dict(visits.group_by("state").len().iter_rows())
    return VisitLog(
        rows=[{**row, "state": named[row["state"]]} for row in visits.iter_rows(named=True)],
        planned=places.height,
        counts=tuple((state, counts.get(state.name, 0)) for state in (*STATES, NOT_PLANNED)),
        contact_seconds=int(places["contact_seconds"].sum()),
        planned_seconds=int(places["planned_minutes"].sum()) * 60,
        hours=_hours(places),
        to_mend=_grouped(problems.filter(~pl.col("kind").is_in(list(ONLY_TOLD)))),
        only_told=_grouped(problems.filter(pl.col("kind").is_in(list(ONLY_TOLD)))),
    )


def _state(terms: Terms, now: datetime) -> pl.Expr:
    window = pl.duration(minutes=terms.matching.window_minutes)
    may_still_start = pl.col("planned_start") + window > now
    may_still_end = pl.col("planned_start") + pl.duration(minutes="planned_minutes") + window > now
    return (
        pl.when((pl.col("delivery") == "missed") & may_still_start)
        .then(pl.lit("to_come"))
        .when((pl.col("delivery") == "no_stop") & may_still_end)
        .then(pl.lit("under_way"))
        .when(pl.col("delivery").is_in(DELIVERED))
        .then(pl.lit("delivered"))
        .when(pl.col("delivery").is_in(["missed", "no_stop", "no_start", "not_planned"]))
        .then(pl.col("delivery"))
        .otherwise(pl.lit("told"))
    )


def _hours(places: pl.DataFrame) -> tuple[Hour, ...]:
    at = places.with_columns(hour=pl.col("planned_start").dt.convert_time_zone(LONDON).dt.hour())
    counts = {(hour, state): count for hour, state, count in at.group_by("hour", "state").len().iter_rows()}
    if not counts:
        return ()
    first, last = min(hour for hour, _ in counts), max(hour for hour, _ in counts)
    totals = {hour: sum(counts.get((hour, state.name), 0) for state in STATES) for hour in range(first, last + 1)}
    fullest = max(totals.values())
    return tuple(Hour(label=f"{hour:02}", total=totals[hour], bars=tuple(_bars(hour, counts, fullest))) for hour in totals)


def _bars(hour: int, counts: dict[tuple[int, str], int], fullest: int) -> list[Bar]:
    bars, below = [], 0
    for state in STATES:
        count = counts.get((hour, state.name), 0)
        bottom, top = COLUMN_HEIGHT * below // fullest, COLUMN_HEIGHT * (below + count) // fullest
        bars.append(Bar(state=state, count=count, top=COLUMN_HEIGHT - top, height=top - bottom))
        below += count
    return bars


def _grouped(problems: pl.DataFrame) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sentences of each kind, under its heading; kinds that have no heading yet come last, under their own name."""
    headings = KINDS | ONLY_TOLD
    kinds = [kind for kind in headings if kind in problems["kind"]]
    others = sorted(set(problems["kind"]) - set(kinds))
    return tuple(
        (headings.get(kind, kind.replace("_", " ")), tuple(problems.filter(pl.col("kind") == kind)["says"])) for kind in (*kinds, *others)
    )
