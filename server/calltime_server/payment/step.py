"""What is a step of a contract's calculation?"""

from dataclasses import dataclass

import polars as pl

from calltime_server.payment.terms_steps import VisitStep

PLANNED_SECONDS = pl.col("planned_minutes") * 60
PLANNED_END = pl.col("planned_start") + pl.duration(minutes="planned_minutes")
COUNTED_FROM, COUNTED_TO = pl.col("counted_from"), pl.col("counted_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`column` gets the value of `seconds` (int64, >= 0); `sentence` (string) reads it and the columns before it.

    A step that moves an end of what is counted gives the columns `counted_from` and `counted_to` (instants) anew.
    """

    column: str
    seconds: pl.Expr
    sentence: pl.Expr
    counted_from: pl.Expr = COUNTED_FROM
    counted_to: pl.Expr = COUNTED_TO


def column_after(terms: VisitStep) -> str:
    return f"seconds_after_{terms.step}"


def between(counted_from: pl.Expr, counted_to: pl.Expr) -> pl.Expr:
    """Whole seconds from one to the other, 0 where there is nothing between them."""
    return (counted_to - counted_from).dt.total_seconds().clip(lower_bound=0)


def multiple(amount: pl.Expr, *, of: int, how: str, threshold: int) -> pl.Expr:
    """To a multiple of so much: nearest (halves up), up, down, or up from `threshold` over a multiple. Whole numbers, any unit."""
    added = {"nearest": of // 2, "up": of - 1, "down": 0, "threshold": of - threshold}[how]
    return (amount + added) // of * of
