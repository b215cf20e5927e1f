"""How far does a pool of seconds reach, when the visits draw on it one after another?"""

from collections.abc import Sequence

import polars as pl

# Whoever draws on a pool stands in this order; the frame is sorted so before the steps of the period.
IN_ORDER = ("planned_start", "visit_id", "carer_no")

PACKAGE = ("package", "period")


def granted(asked: pl.Expr, *, of: pl.Expr, over: Sequence[str]) -> pl.Expr:
    """What each row gets of what it asks (int64, >= 0), in the order of the frame; the row on the edge gets what is left.

    `of` is the pool, the same on each row of a group.
    """
    before = asked.cum_sum().over(over) - asked
    return pl.min_horizontal(asked, (of - before).clip(lower_bound=0))
