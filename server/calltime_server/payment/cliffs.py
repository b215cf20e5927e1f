"""Does anybody lose money by staying longer?

A visit that lasts a minute more must not be paid less. Where a council wants that all the same, a [[known_cliff]] with the clause says so.
What a period does with visits is another matter, and stays out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.deciding import decide
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Band, DoubleHanded
from calltime_server.payment.toml_lines import Key
from calltime_server.visits.columns import VISITS
from calltime_server.visits.told import Told

PLANNED = (15, 30, 45, 60)
BEYOND = 60  # minutes more than planned
MIDDAY = time(12, tzinfo=UTC)
THURSDAY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliff:
    """Of a visit planned so long, the first minute more that pays less. `column` is where it first shows."""

    planned: int
    minutes: int
    pence: int
    pence_after: int
    column: str


def wrong_cliffs(terms: Terms) -> Iterator[tuple[Key, str]]:
    """Each cliff that is not known, and each known one that is none, with the place in the file."""
    found = cliffs(terms)
    known = {each.planned_minutes for each in terms.known_cliffs}
    for cliff in found:
        if cliff.planned not in known:
            yield _place(cliff, terms), _told(cliff)
    there = {cliff.planned for cliff in found}
    for number, each in enumerate(terms.known_cliffs):
        if each.planned_minutes not in there:
            says = f"Of a visit planned for {each.planned_minutes} min, staying longer never pays less. Remove this [[known_cliff]]."
            yield ("known_cliff", number), says


def cliffs(terms: Terms) -> tuple[Cliff, ...]:
    """The first cliff of each planned length that has one. Visits at midday, on a Thursday."""
    by_themselves = replace(terms, period_steps=(), period=None, visit_steps=_of_one_carer(terms))
    lines = decide(_visits(terms), by_themselves, Told(), Agreed())
    worked = [column for column in lines.columns if column.startswith("seconds_after_")]
    found: dict[int, Cliff] = {}
    rows = lines.sort("planned_minutes", "contact_seconds").iter_rows(named=True)
    before: dict[str, Any] | None = None
    for row in rows:
        if before is not None and before["planned_minutes"] == row["planned_minutes"] and row["pence"] < before["pence"]:
            found.setdefault(row["planned_minutes"], _cliff(before, row, worked))
        before = row
    return tuple(found.values())


def _of_one_carer(terms: Terms) -> tuple[Any, ...]:
    return tuple(step for step in terms.visit_steps if not isinstance(step, DoubleHanded))


def _cliff(before: dict[str, Any], row: dict[str, Any], worked: list[str]) -> Cliff:
    shrinks = (column for column in worked if (row[column] or 0) < (before[column] or 0))
    return Cliff(
        planned=row["planned_minutes"],
        minutes=before["contact_seconds"] // 60,
        pence=before["pence"],
        pence_after=row["pence"],
        column=next(shrinks, "price"),
    )


def _visits(terms: Terms) -> pl.DataFrame:
    """`VISITS`: each planned length with a contact of every minute."""
    bands = {minutes for step in terms.visit_steps if isinstance(step, Band) for minutes in step.minutes}
    bands |= {band.minutes for band in terms.price.band}
    planned = sorted({*PLANNED, *bands, *(each.planned_minutes for each in terms.known_cliffs)})
    start = datetime.combine(_a_thursday(terms.starts), MIDDAY)
    rate = terms.price.rate[0] if terms.price.rate and terms.price.pounds_per_hour is None else None
    asked = {"zone": rate.zones if rate else (), "service": rate.services if rate else (), "provider": rate.providers if rate else ()}
    rows = [(length, minutes) for length in planned for minutes in range(1, length + BEYOND + 1)]
    frame = pl.DataFrame(rows, schema={"planned_minutes": pl.Int64, "minutes": pl.Int64}, orient="row")
    ended = pl.lit(start) + pl.duration(minutes="minutes")
    values = {
        "visit_id": pl.format("{}-{}", "planned_minutes", "minutes"),
        **{name: pl.lit(words[0] if words else "any") for name, words in asked.items()},
        **{name: pl.lit(name) for name in ("service_user", "carer", "start_device", "stop_device")},
        **{name: pl.lit(1) for name in ("carers", "carer_no", "start_seq", "stop_seq")},
        **{name: pl.lit(5) for name in ("start_grade", "stop_grade")},  # no grade that terms ask for is higher
        "planned_start": pl.lit(start),
        "started": pl.lit(start),
        "ended": ended,
        "contact_seconds": pl.col("minutes") * 60,
        "waiting_seconds": pl.lit(0),
        "delivery": pl.lit("delivered"),
    }
    return frame.with_columns(**values).select(
        pl.col(name).cast(kind) if name in {*values, "planned_minutes"} else pl.lit(None, dtype=kind).alias(name)
        for name, kind in VISITS.items()
    )


def _a_thursday(starts: date) -> date:
    """The first one on which the terms are in force. No bank holiday is, but at Christmas and New Year."""
    return starts + timedelta(days=(THURSDAY - starts.weekday()) % 7)


def _place(cliff: Cliff, terms: Terms) -> Key:
    steps = [step.step for step in (*terms.visit_steps, *terms.period_steps)]
    step = cliff.column.removeprefix("seconds_after_")
    return ("step", steps.index(step)) if step in steps else ("price",)


def _told(cliff: Cliff) -> str:
    where = "the price" if cliff.column == "price" else f"the step `{cliff.column.removeprefix('seconds_after_')}`"
    paid = f"{cliff.pence} pence for {cliff.minutes} min and {cliff.pence_after} for {cliff.minutes + 1}"
    says = f"A visit planned for {cliff.planned} min is paid {paid}: by {where}, staying longer pays less."
    return f"{says} Change it, or let a [[known_cliff]] with planned_minutes = {cliff.planned} and its clause say that it is meant."
