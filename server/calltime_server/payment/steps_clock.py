"""Which steps move where counting begins and ends on the clock?

From where to where time is counted matters for its price as well, where the hour of the day has a price of its own.
"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.step import COUNTED_FROM, COUNTED_TO, PLANNED_END, Step, between, column_after, multiple
from calltime_server.payment.terms_steps import CountFrom, DoubleHanded, Rounding, TrimToWindow, Waiting

PLANNED_START = pl.col("planned_start")


def count_from(terms: CountFrom, *, before: str) -> Step:
    """Not before the planned start and not after the planned end, each where the terms say so."""
    begins = pl.max_horizontal(COUNTED_FROM, PLANNED_START) if terms.early == "planned_start" else COUNTED_FROM
    ends = pl.min_horizontal(COUNTED_TO, PLANNED_END) if terms.late == "planned_end" else COUNTED_TO
    words = (
        "from the planned start" if terms.early == "planned_start" else "from the start tap",
        "to the planned end" if terms.late == "planned_end" else "to the stop tap",
    )
    return _within(column_after(terms), before, begins, ends, name=f"Counted {' '.join(words)} at most", clause=terms.clause)


def trim_to_window(terms: TrimToWindow, *, before: str) -> Step:
    """From so long before the planned start to so long after the planned end."""
    begins = pl.max_horizontal(COUNTED_FROM, PLANNED_START - pl.duration(minutes=terms.minutes_before))
    ends = pl.min_horizontal(COUNTED_TO, PLANNED_END + pl.duration(minutes=terms.minutes_after))
    name = f"Only from {terms.minutes_before} min before the planned start to {terms.minutes_after} min after the planned end"
    return _within(column_after(terms), before, begins, ends, name=name, clause=terms.clause)


def _within(column: str, before: str, begins: pl.Expr, ends: pl.Expr, *, name: str, clause: str) -> Step:
    lost = pl.col(before) - pl.col(column)
    told = pl.when(lost > 0).then(pl.format(", {} outside not counted", telling.length(lost))).otherwise(pl.lit(""))
    return Step(
        column=column,
        seconds=pl.min_horizontal(before, between(begins, ends)),
        sentence=pl.format("{} ({}): {}{}.", pl.lit(name), pl.lit(clause), telling.length(pl.col(column)), told),
        counted_from=begins,
        counted_to=ends,
    )


def double_handed(terms: DoubleHanded, *, before: str) -> Step:
    """Each carer for her own time, or each for the time in which all who were asked for were there.

    Frame: together_seconds as well, of the taps; it therefore stands before what trims them.
    """
    column = column_after(terms)
    several = pl.col("carers") > 1
    if terms.pays == "each_carer":
        each = pl.format("Each of {} carers is paid for her own time ({}).", pl.col("carers"), pl.lit(terms.clause))
        return Step(column=column, seconds=pl.col(before), sentence=pl.when(several).then(each))
    together = pl.min_horizontal(before, pl.col("together_seconds").fill_null(0))
    all_came, first_left = pl.col("started").max().over("visit_id"), pl.col("ended").min().over("visit_id")
    told = pl.format(
        "Only while all {} carers were there ({}): {}.", pl.col("carers"), pl.lit(terms.clause), telling.length(pl.col(column))
    )
    return Step(
        column=column,
        seconds=pl.when(several).then(together).otherwise(before),
        sentence=pl.when(several).then(told),
        counted_from=pl.when(several).then(all_came).otherwise(COUNTED_FROM),
        counted_to=pl.when(several).then(pl.min_horizontal(first_left, COUNTED_TO)).otherwise(COUNTED_TO),
    )


def waiting(terms: Waiting, *, before: str) -> Step:
    """Waiting at the door is paid as well, up to so many minutes: counting begins so much earlier."""
    column = column_after(terms)
    waited = pl.min_horizontal(pl.col("waiting_seconds").fill_null(0), pl.lit(terms.at_most_minutes * 60, dtype=pl.Int64))
    added = pl.col(column) - pl.col(before)
    told = pl.format(
        "Waiting at the door ({}): {} of {} waited are paid as well, {} in all.",
        pl.lit(terms.clause),
        telling.length(added),
        telling.length(pl.col("waiting_seconds")),
        telling.length(pl.col(column)),
    )
    return Step(
        column=column,
        seconds=pl.col(before) + waited,
        sentence=pl.when(added > 0).then(told),
        counted_from=COUNTED_FROM - pl.duration(seconds=waited),
    )


def round_each_end(terms: Rounding) -> Step:
    """Both wall times to a multiple of so many minutes, and what is between them counts.

    London is ahead of UTC by whole hours and every increment divides an hour, so that rounding in UTC rounds the wall time.
    """
    column = column_after(terms)
    begins, ends = (_rounded(at, terms) for at in (COUNTED_FROM, COUNTED_TO))
    name = f"Each end rounded {terms.how} to {terms.minutes} min" if terms.how != "threshold" else _threshold_name(terms)
    return Step(
        column=column,
        seconds=between(begins, ends),
        sentence=pl.format("{} ({}): {}.", pl.lit(name), pl.lit(terms.clause), telling.length(pl.col(column))),
        counted_from=begins,
        counted_to=ends,
    )


def _rounded(at: pl.Expr, terms: Rounding) -> pl.Expr:
    minute = 60_000
    milliseconds = multiple(at.dt.epoch("ms"), of=terms.minutes * minute, how=terms.how, threshold=(terms.threshold_minutes or 0) * minute)
    return pl.from_epoch(milliseconds, time_unit="ms").dt.replace_time_zone("UTC")


def _threshold_name(terms: Rounding) -> str:
    return f"Each end rounded to {terms.minutes} min, up from {terms.threshold_minutes} min over"
