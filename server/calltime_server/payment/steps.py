"""How does each step of a contract change what is paid for?

A step takes the seconds that the step before it left and leaves its own, in a column of its own, with the sentence that tells it.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.terms_steps import CapAtPlanned, VisitStep, WholeMinutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`column` gets the value of `seconds` (int64, >= 0); `sentence` (string) reads it and the columns before it."""

    column: str
    seconds: pl.Expr
    sentence: pl.Expr


def step_for(terms: VisitStep, *, before: str) -> Step:
    """The step that these terms describe, from the column `before`."""
    match terms:
        case WholeMinutes():
            return whole_minutes(terms, before=before)
        case CapAtPlanned():
            return cap_at_planned(terms, before=before)
        case _:
            raise NotImplementedError(terms.step)


def whole_minutes(terms: WholeMinutes, *, before: str) -> Step:
    """Drop the seconds that do not fill a minute."""
    column = f"seconds_after_{terms.step}"
    dropped = pl.col(before) % 60
    told = pl.when(dropped > 0).then(pl.format("{} s dropped", dropped)).otherwise(pl.lit("nothing dropped"))
    return Step(
        column=column,
        seconds=pl.col(before) - dropped,
        sentence=pl.format("Whole minutes ({}): {}, {}.", pl.lit(terms.clause), telling.minutes(pl.col(column)), told),
    )


def cap_at_planned(terms: CapAtPlanned, *, before: str) -> Step:
    """No more than was planned for one carer.

    Frame: planned_minutes as well.
    """
    column = f"seconds_after_{terms.step}"
    over = pl.col(before) - pl.col(column)
    told = pl.when(over > 0).then(pl.format(", {} over the plan not paid", telling.length(over))).otherwise(pl.lit(""))
    return Step(
        column=column,
        seconds=pl.min_horizontal(before, pl.col("planned_minutes") * 60),
        sentence=pl.format("Capped at planned ({}): {}{}.", pl.lit(terms.clause), telling.minutes(pl.col(column)), told),
    )
