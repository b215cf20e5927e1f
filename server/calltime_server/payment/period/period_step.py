"""What is a step of a period, as columns?"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStep:
    """`column` gets the value of `seconds` (int64, >= 0), then `parked_column` or `covered_column` its own, then come the columns `also`.

    What was there before is `column` with `parked_column` (to be released; below nothing where the step gives back what one before it had
    parked), or with `covered_column` (paid by a block's own line), or else the rest is refused where `refuses`, and carried over where not.
    `reason` is that of a line that loses seconds here. `sentence` reads these columns and the one before.
    """

    column: str
    seconds: pl.Expr
    sentence: pl.Expr
    reason: str | None = None
    parked_column: str | None = None
    parked: pl.Expr | None = None
    covered_column: str | None = None
    covered: pl.Expr | None = None
    refuses: bool = False
    also: tuple[pl.Expr, ...] = ()


def column_after(step: str) -> str:
    return f"seconds_after_{step}"


def parking(step: str, *, before: str, seconds: pl.Expr, sentence: pl.Expr, reason: str | None = None) -> PeriodStep:
    """A step that parks what it does not leave."""
    return PeriodStep(
        column=column_after(step),
        seconds=seconds,
        sentence=sentence,
        reason=reason,
        parked_column=f"seconds_parked_by_{step}",
        parked=pl.col(before) - pl.col(column_after(step)),
    )
