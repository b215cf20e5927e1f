"""In which order are the steps of some terms taken, and which columns do they leave?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.counting import COUNTED
from calltime_server.payment.period.block import blocks_of
from calltime_server.payment.period.period_step import PeriodStep
from calltime_server.payment.period.stepping import period_step
from calltime_server.payment.step import COUNTED_FROM, COUNTED_TO, Step
from calltime_server.payment.steps import visit_steps
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Budget, Retainer


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """`visit` and `period` in order. `last` is the column of the seconds that are priced."""

    visit: tuple[Step, ...]
    period: tuple[PeriodStep, ...]
    last: str

    @property
    def parked(self) -> tuple[str, ...]:
        """The columns of what the steps of the period parked."""
        return tuple(step.parked_column for step in self.period if step.parked_column)

    @property
    def covered(self) -> tuple[str, ...]:
        """The columns of what a block's own line pays for."""
        return tuple(step.covered_column for step in self.period if step.covered_column)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the steps, in order."""
        of_period = (name for step in self.period for name in (step.column, step.parked_column, step.covered_column, *_also(step)) if name)
        return (*(step.column for step in self.visit), *of_period)


def calculation(terms: Terms, agreed: Agreed | None = None) -> Calculation:
    """What these terms work out. The agreements are only needed to take the steps, not to tell them."""
    visit = visit_steps(terms.visit_steps, first=COUNTED)
    period: list[PeriodStep] = []
    last = visit[-1].column if visit else COUNTED
    agreed = agreed or Agreed()
    agreed = replace(agreed, blocks=blocks_of(terms, agreed))
    for each in terms.period_steps:
        if isinstance(each, Budget | Retainer):
            continue  # no columns of seconds: they come after the price
        parked = tuple(step.parked_column for step in period if step.parked_column)
        period.append(period_step(each, before=last, parked=parked, agreed=agreed, period=terms.period))
        last = period[-1].column
    return Calculation(visit=visit, period=tuple(period), last=last)


def calculated(frame: pl.DataFrame, steps: Calculation) -> pl.DataFrame:
    """Frame: as it came from `counted` → the columns of all steps as well.

    Its rows stand in the order of the plan, in which they draw on what is shared.
    """
    before = COUNTED
    for step in steps.visit:
        frame = _taken(frame, step, before)
        before = step.column
    for each in steps.period:
        frame = frame.with_columns(each.seconds.cast(pl.Int64).alias(each.column))
        for name, seconds in ((each.parked_column, each.parked), (each.covered_column, each.covered)):
            if name is not None and seconds is not None:
                frame = frame.with_columns(seconds.cast(pl.Int64).alias(name))
        frame = frame.with_columns(each.also)
    return frame


def _taken(frame: pl.DataFrame, step: Step, before: str) -> pl.DataFrame:
    # What is granted for a visit that was not made is a share of the plan, and no contact that could be short, early or rounded.
    counts = pl.col("payable") & ~pl.col("given")
    ends: Sequence[pl.Expr] = ()
    if step.counted_from is not COUNTED_FROM or step.counted_to is not COUNTED_TO:
        ends = [
            pl.when(counts).then(new).otherwise(old).alias(name)
            for name, new, old in (("counted_from", step.counted_from, COUNTED_FROM), ("counted_to", step.counted_to, COUNTED_TO))
        ]
    return frame.with_columns(pl.when(counts).then(step.seconds).otherwise(before).cast(pl.Int64).alias(step.column), *ends)


def _also(step: PeriodStep) -> Sequence[str]:
    return [each.meta.output_name() for each in step.also]
