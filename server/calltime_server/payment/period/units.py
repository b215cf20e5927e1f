"""How much of a visit fills complete units of time?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.period.period_step import PeriodStep, column_after
from calltime_server.payment.terms_steps import CompleteUnits

# Within a period, what one carer of one provider did for one service user by one service. The visits of one row stand under one another.
ONE_CARER = ("period", "provider", "carer", "service_user", "service")


def complete_units(terms: CompleteUnits, *, before: str) -> PeriodStep:
    """Only complete units. With roll-over a visit is paid for the units that it completes, with what was left over before it."""
    unit = terms.minutes * 60
    if terms.rolls_over:
        upto = pl.col(before).cum_sum().over(ONE_CARER)
        seconds = _complete(upto, unit) - _complete(upto - pl.col(before), unit)
    else:
        seconds = _complete(pl.col(before), unit)
    return PeriodStep(
        column=column_after(terms.step), seconds=seconds, sentence=_told(terms, before), reason="incomplete_unit", refuses=True
    )


def _complete(seconds: pl.Expr, unit: int) -> pl.Expr:
    return seconds // unit * unit


def _told(terms: CompleteUnits, before: str) -> pl.Expr:
    after = pl.col(column_after(terms.step))
    left_over = pl.col(before) - after
    becomes = "left over, for her later visits here in this period" if terms.rolls_over else "left over, not paid"
    told = (
        pl.when(left_over > 0)
        .then(pl.format("{} {}", telling.length(left_over), pl.lit(becomes)))
        .when(left_over < 0)
        .then(pl.format("{} of it left over from her earlier visits here", telling.length(-left_over)))
        .otherwise(pl.lit("nothing left over"))
    )
    return pl.format("Complete units of {} min ({}): {}, {}.", pl.lit(terms.minutes), pl.lit(terms.clause), telling.minutes(after), told)
