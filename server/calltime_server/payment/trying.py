"""What would change if the past were paid by other terms?

Both sides are lines of the same visits; what is told is the difference, for everybody whom it concerns.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.deciding import decide, lines_of
from calltime_server.payment.spanning import Part, cut_back, parts_of
from calltime_server.payment.terms import Terms
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.columns import VISITS
from calltime_server.visits.outcomes import outcomes
from calltime_server.visits.together import with_together
from calltime_server.visits.told import Told

BY = ("provider", "zone", "service", "kind", "delivery")


def as_visits(lines: pl.DataFrame) -> pl.DataFrame:
    """Frame: `LINES` that were decided before → `VISITS` as `match` left them: which contact delivered which visit is taken as it was.

    A line keeps one grade, the lower of its two taps', so both ends have that.
    """
    visits = lines.filter(pl.col("kind") == "visit").sort("planned_start", "visit_id", "carer_no")
    no_start, no_stop = pl.col("started").is_null(), pl.col("ended").is_null()
    visits = visits.with_columns(
        carers=pl.col("carer_no").max().over("visit_id"),
        visit_no=pl.col("visit_id").rle_id(),
        start_grade="grade",
        stop_grade="grade",
        delivery=pl.when(no_start & no_stop)
        .then(pl.lit("missed"))
        .when(no_start)
        .then(pl.lit("no_start"))
        .when(no_stop)
        .then(pl.lit("no_stop"))
        .otherwise(pl.lit("delivered")),
    )
    together = with_together(visits)
    lacking = [pl.lit(None, dtype=VISITS[name]).alias(name) for name in ("stopped_at", "absence", "told_at")]
    return together.with_columns(lacking).select(VISITS.names())


def tried_on(terms: Terms, *, start: datetime, end: datetime) -> Part:
    """[start, end) by these terms alone, as if they had been in force all the time; and the whole periods that must be decided for it."""
    (part,) = parts_of(start=start, end=end, terms=[terms])
    return replace(part, terms=replace(terms, starts=min(terms.starts, day_of(part.decided[0])), ends=None))


def decided_by(part: Part, visits: pl.DataFrame, told: Told, agreed: Agreed, *, known: date) -> pl.DataFrame:
    """Frame: `VISITS` as of `as_visits`, of all of `decided` → `LINES` of the part's span, as known on this day. Without words."""
    rules = part.terms.matching
    became = outcomes(visits, told, tolerance_minutes=rules.tolerance_minutes, notice_hours=rules.notice_hours)
    return cut_back(lines_of(decide(became.visits, part.terms, told, agreed, days=part.days(known=known)), part.terms), part)


def difference(now: pl.DataFrame, then: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    """Frames: `LINES` by the terms in force, and by those that are tried → a row for each value of `by` (of BY), by the size of the change.

    lines (how many are paid another sum, or decided another way), now_minutes, then_minutes, now_pence, then_pence, difference_pence,
    parked_minutes_now, parked_minutes_then.
    """
    sums = {"minutes": "paid_minutes", "pence": "pence", "parked": "parked_minutes"}
    sides = [
        side.group_by(by).agg(pl.col(column).sum().alias(f"{name}_{word}") for word, column in sums.items())
        for name, side in (("now", now), ("then", then))
    ]
    both = sides[0].join(sides[1], on=by, how="full", coalesce=True, nulls_equal=True)
    both = both.join(_changed(now, then).group_by(by).agg(lines=pl.len().cast(pl.Int64)), on=by, how="left", nulls_equal=True)
    filled = both.with_columns(pl.exclude(by).fill_null(0)).with_columns(difference_pence=pl.col("then_pence") - pl.col("now_pence"))
    return filled.select(
        *by, "lines", now_minutes="now_minutes", then_minutes="then_minutes", now_pence="now_pence", then_pence="then_pence",
        difference_pence="difference_pence", parked_minutes_now="now_parked", parked_minutes_then="then_parked",
    ).sort(pl.col("difference_pence").abs(), *by, descending=[True, *(False for _ in by)], nulls_last=True)  # fmt: skip


def _changed(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    key, decided = ["visit_id", "carer_no"], ["pence", "outcome", "parked_minutes"]
    both = now.select(*key, *BY, *decided).join(then.select(*key, *BY, *decided), on=key, how="full", suffix="_then")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_then")) for name in decided)
    return both.filter(differs).with_columns(pl.coalesce(name, f"{name}_then").alias(name) for name in BY)
