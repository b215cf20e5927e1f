"""Which steps change how long a visit counts, wherever it lies on the clock?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.step import PLANNED_SECONDS, Step, column_after, multiple
from calltime_server.payment.terms_steps import Band, CapAtPlanned, Minimum, Rounding, Tolerance, WholeMinutes


def whole_minutes(terms: WholeMinutes, *, before: str) -> Step:
    """Drop the seconds that do not fill a minute."""
    column = column_after(terms)
    dropped = pl.col(before) % 60
    told = pl.when(dropped > 0).then(pl.format("{} s dropped", dropped)).otherwise(pl.lit("nothing dropped"))
    return Step(
        column=column,
        seconds=pl.col(before) - dropped,
        sentence=pl.format("Whole minutes ({}): {}, {}.", pl.lit(terms.clause), telling.minutes(pl.col(column)), told),
    )


def round_length(terms: Rounding, *, before: str) -> Step:
    """To a multiple of so many minutes."""
    column = column_after(terms)
    up_from = f", up from {terms.threshold_minutes} min over" if terms.how == "threshold" else ""
    way = "" if terms.how == "threshold" else f" {terms.how}"
    return Step(
        column=column,
        seconds=multiple(pl.col(before), of=terms.minutes * 60, how=terms.how, threshold=(terms.threshold_minutes or 0) * 60),
        sentence=_changed(f"Rounded{way} to {terms.minutes} min{up_from}", terms.clause, before, column),
    )


def tolerance(terms: Tolerance, *, before: str) -> Step:
    """Paid as planned where it is no further from the plan than this.

    Frame: planned_minutes as well. Nothing is not near to anything: a contact of no time stays so.
    """
    column = column_after(terms)
    allowed = pl.max_horizontal(pl.lit(terms.minutes * 60, dtype=pl.Int64), PLANNED_SECONDS * terms.percent // 100)
    apart = pl.col(before) - PLANNED_SECONDS
    near = (pl.col(before) > 0) & (apart.abs() <= allowed)
    if terms.of != "both":
        near &= (apart < 0) if terms.of == "short" else (apart > 0)
    limits = [f"{terms.minutes} min"] * bool(terms.minutes) + [f"{terms.percent} %"] * bool(terms.percent)
    told = (
        pl.when(near & (apart != 0))
        .then(pl.format("{} {} the plan is tolerated: {}", telling.length(apart.abs()), _side(apart), telling.length(pl.col(column))))
        .when(near | (apart == 0))
        .then(pl.format("as planned, {}", telling.length(pl.col(column))))
        .otherwise(
            pl.format("{} {} the plan is not tolerated: {}", telling.length(apart.abs()), _side(apart), telling.length(pl.col(column)))
        )
    )
    return Step(
        column=column,
        seconds=pl.when(near).then(PLANNED_SECONDS).otherwise(before),
        sentence=pl.format("Tolerance of {} ({}): {}.", pl.lit(" or ".join(limits)), pl.lit(terms.clause), told),
    )


def minimum(terms: Minimum, *, before: str) -> Step:
    """No less than so many minutes for a visit that lasted at least `from_minutes`."""
    column = column_after(terms)
    least = pl.lit(terms.minutes * 60, dtype=pl.Int64)
    long_enough = pl.col(before) >= terms.from_minutes * 60
    name = f"At least {terms.minutes} min" + (f" from {terms.from_minutes} min on" if terms.from_minutes > 1 else "")
    return Step(
        column=column,
        seconds=pl.when(long_enough).then(pl.max_horizontal(before, least)).otherwise(before),
        sentence=_changed(name, terms.clause, before, column),
    )


def band(terms: Band, *, before: str) -> Step:
    """To one of these lengths. What is longer than all of them is paid as the longest; what is shorter than all, going down, as nothing."""
    column = column_after(terms)
    seconds = pl.col(before)
    names = ", ".join(str(minutes) for minutes in terms.minutes)
    if terms.how == "longest_and_remainder":
        remainder = pl.col(column) - _longest_within(terms, seconds)
        told = pl.format(
            "Bands of {} min ({}): {} and {} over it.",
            pl.lit(names),
            pl.lit(terms.clause),
            telling.minutes(_longest_within(terms, seconds)),
            telling.minutes(remainder),
        )
        return Step(column=column, seconds=seconds // 60 * 60, sentence=told)
    return Step(
        column=column,
        seconds=_banded(terms, seconds),
        sentence=_changed(f"Bands of {names} min, {terms.how}", terms.clause, before, column),
    )


def _longest_within(terms: Band, seconds: pl.Expr) -> pl.Expr:
    longest = pl.lit(0, dtype=pl.Int64)
    for minutes in terms.minutes:
        longest = pl.when(seconds >= minutes * 60).then(minutes * 60).otherwise(longest)
    return longest.cast(pl.Int64)


def _banded(terms: Band, seconds: pl.Expr) -> pl.Expr:
    if terms.how == "down":
        return _longest_within(terms, seconds)
    # From which length on the next band counts: as soon as this one is exceeded or, nearest, from half of the way, in half seconds.
    chosen = pl.lit(terms.minutes[0] * 60, dtype=pl.Int64)
    for shorter, longer in zip(terms.minutes, terms.minutes[1:], strict=False):
        reached = seconds > shorter * 60 if terms.how == "up" else seconds * 2 >= (shorter + longer) * 60
        chosen = pl.when(reached).then(longer * 60).otherwise(chosen)
    return pl.when(seconds > 0).then(chosen).otherwise(0).cast(pl.Int64)


def cap_at_planned(terms: CapAtPlanned, *, before: str) -> Step:
    """No more than was planned for one carer, and so much over it; in whole minutes, as they are what is paid.

    Frame: planned_minutes as well.
    """
    column = column_after(terms)
    most = pl.col("planned_minutes") * (100 + terms.plus_percent) // 100 * 60 + terms.plus_minutes * 60
    over = pl.col(before) - pl.col(column)
    extra = [f"{terms.plus_percent} %"] * bool(terms.plus_percent) + [f"{terms.plus_minutes} min"] * bool(terms.plus_minutes)
    name = "Capped at planned" + (f" and {' and '.join(extra)}" if extra else "")
    limit = "this limit" if extra else "the plan"
    told = pl.when(over > 0).then(pl.format(", {} over {} not paid", telling.length(over), pl.lit(limit))).otherwise(pl.lit(""))
    return Step(
        column=column,
        seconds=pl.min_horizontal(before, most),
        sentence=pl.format("{} ({}): {}{}.", pl.lit(name), pl.lit(terms.clause), telling.length(pl.col(column)), told),
    )


def _side(apart: pl.Expr) -> pl.Expr:
    return pl.when(apart > 0).then(pl.lit("over")).otherwise(pl.lit("under"))


def _changed(name: str, clause: str, before: str, column: str) -> pl.Expr:
    more = pl.col(column) - pl.col(before)
    told = (
        pl.when(more > 0)
        .then(pl.format(", {} added", telling.length(more)))
        .when(more < 0)
        .then(pl.format(", {} not paid", telling.length(-more)))
        .otherwise(pl.lit(""))
    )
    return pl.format("{} ({}): {}{}.", pl.lit(name), pl.lit(clause), telling.length(pl.col(column)), told)
