"""What of a provider's visits in a week lies above its ceiling?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.period.period_step import PeriodStep, column_after, parking
from calltime_server.payment.period.pools import granted
from calltime_server.payment.terms_steps import WeeklyCeiling

REASON = "above_weekly_ceiling"


def weekly_ceiling(terms: WeeklyCeiling, *, before: str) -> PeriodStep:
    """No more than the ceiling for one provider in a week (Monday to Sunday), by the order of the plan."""
    within = granted(pl.col(before), of=pl.lit(terms.minutes * 60), over=("provider", "week"))
    if terms.providers:
        within = pl.when(pl.col("provider").is_in(terms.providers)).then(within).otherwise(pl.col(before))
    column = column_after(terms.step)
    after = pl.col(column)
    match terms.beyond:
        case "park":
            told = _told(terms, after, pl.col(before) - after, "parked. The council's consent to more hours in that week releases it")
            return parking(terms.step, before=before, seconds=within, sentence=told, reason=REASON)
        case "refuse":
            told = _told(terms, after, pl.col(before) - after, "not paid")
            return PeriodStep(column=column, seconds=within, sentence=told, reason=REASON, refuses=True)
        case "report":
            beyond = f"seconds_beyond_{terms.step}"
            told = _told(terms, after, pl.col(beyond), "paid as well, and reported")
            also = ((pl.col(before) - within).alias(beyond),)
            return PeriodStep(column=column, seconds=pl.col(before), sentence=told, also=also)


def _told(terms: WeeklyCeiling, after: pl.Expr, beyond: pl.Expr, becomes: str) -> pl.Expr:
    hours, minutes = divmod(terms.minutes, 60)
    ceiling = f"Ceiling of {hours} h{f' {minutes} min' if minutes else ''} a week ({terms.clause})"
    if terms.providers:
        ceiling += f" for {', '.join(terms.providers)}"
    told = pl.when(beyond > 0).then(pl.format("{} above it {}", telling.minutes(beyond), pl.lit(becomes))).otherwise(pl.lit("within it"))
    sentence = pl.format("{}: {}, {}.", pl.lit(ceiling), telling.minutes(after), told)
    return pl.when(pl.col("provider").is_in(terms.providers)).then(sentence) if terms.providers else sentence
