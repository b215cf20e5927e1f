"""Where did every second of contact go?"""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from calltime_server.payment.calculation import calculation
from calltime_server.payment.terms import Terms

GRANTED, PAID, IN_BLOCK, PARKED, NOT_PAID = ("granted_seconds", "paid_seconds", "block_seconds", "parked_seconds", "not_paid_seconds")


def accounted(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Frame: lines as of `lines_of` → the lines of visits with five columns more (int64, whole seconds).

    contact_seconds + granted = paid + block + parked + not_paid, on each line. Granted is what the terms add to the contact: by a minimum,
    a tolerance, a rounding, waiting, or for a visit that was not made. Not paid is what a step or a clause took for good.
    """
    steps = calculation(terms)
    worked, paid, waits = pl.col(steps.visit[0].column).is_not_null(), pl.col("outcome") == "pay", pl.col("outcome") == "park"
    granted, taken = _changes(["contact_seconds", *(step.column for step in steps.visit)])
    kept = [(step.column, step.parked_column or step.covered_column) for step in steps.period]
    before = steps.visit[-1].column
    for column, beside in kept:
        # What a step of the period takes without parking it, or leaving it to a block, is taken for good.
        taken += pl.col(before) - pl.col(column) - (pl.col(beside) if beside else 0)
        before = column
    left = pl.col(steps.last)
    paid_seconds = pl.when(paid).then(pl.col("paid_minutes") * 60).otherwise(0)
    waiting = pl.when(waits).then(left).otherwise(0)
    return lines.filter(pl.col("kind") == "visit").with_columns(
        pl.when(worked).then(granted).otherwise(0).alias(GRANTED),
        paid_seconds.alias(PAID),
        pl.when(worked).then(_sum(steps.covered)).otherwise(0).alias(IN_BLOCK),
        _either(worked, _sum(steps.parked) + waiting, waits).alias(PARKED),
        _either(worked, taken + left - waiting - paid_seconds, ~waits).alias(NOT_PAID),
    )


def _changes(chain: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    """All that the steps added, and all that they took."""
    more = [pl.col(after) - pl.col(before) for before, after in pairwise(chain)]
    return pl.sum_horizontal(each.clip(lower_bound=0) for each in more), pl.sum_horizontal((-each).clip(lower_bound=0) for each in more)


def _sum(columns: Sequence[str]) -> pl.Expr:
    return pl.sum_horizontal(columns) if columns else pl.lit(0, dtype=pl.Int64)


def _either(worked: pl.Expr, by_steps: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """By the steps where they were worked out; else the contact goes whole where `whole` holds."""
    return pl.when(worked).then(by_steps).when(whole).then("contact_seconds").otherwise(0)
