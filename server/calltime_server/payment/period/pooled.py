"""What of a package's visits lies within the minutes of its period, and what above them is released?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.period.period_step import PeriodStep, parking
from calltime_server.payment.period.pools import PACKAGE, granted
from calltime_server.payment.terms_steps import AgreedHours, ContingencyHours, PercentOfPlanned

ABOVE_AGREED = "seconds_parked_by_agreed_hours"


def agreed_hours(terms: AgreedHours, *, before: str) -> PeriodStep:
    """The agreed minutes of a package are one pool for the period, whatever the week. A package that is not agreed in hours (but by a
    budget, say) is left alone.
    """
    within = granted(pl.col(before), of=pl.col("agreed_minutes") * 60, over=PACKAGE)
    return parking(
        terms.step,
        before=before,
        seconds=pl.when(pl.col("agreed_minutes").is_null()).then(pl.col(before)).otherwise(within),
        sentence=pl.when(pl.col("agreed_minutes").is_not_null()).then(
            _told(
                f"Agreed hours ({terms.clause})",
                step=terms.step,
                releases="An authorised contingency or a changed package releases it.",
            )
        ),
        reason="above_agreed_hours",
    )


def contingency_hours(terms: ContingencyHours, *, before: str) -> PeriodStep:
    """What stood above the agreed hours, as far as the authorised minutes of the period reach."""
    pool = pl.col("contingency_minutes").fill_null(0) * 60
    released = -pl.col(f"seconds_parked_by_{terms.step}")
    told = (
        pl.when(released > 0)
        .then(pl.format("{} of those authorised, so {} in all", telling.minutes(released), telling.minutes(pl.col(before) + released)))
        .when(pl.col(ABOVE_AGREED) > 0)
        .then(pl.lit("none are left or authorised for what is above"))
    )
    return parking(
        terms.step,
        before=before,
        seconds=pl.col(before) + granted(pl.col(ABOVE_AGREED), of=pool, over=PACKAGE),
        sentence=pl.format("Contingency hours ({}): {}.", pl.lit(terms.clause), told),
    )


def percent_of_planned(terms: PercentOfPlanned, *, before: str) -> PeriodStep:
    """Within what was planned for the package in the period, and so many per cent more, in whole minutes.

    Visits that an absence explains were not to be made, and add nothing to the pool.
    """
    expected = pl.when(pl.col("delivery") == "absent").then(0).otherwise(pl.col("planned_minutes"))
    pool = expected.sum().over(PACKAGE) * (100 + terms.percent) // 100 * 60
    return parking(
        terms.step,
        before=before,
        seconds=granted(pl.col(before), of=pool, over=PACKAGE),
        sentence=_told(
            f"Planned hours of the period and {terms.percent} % more ({terms.clause})",
            step=terms.step,
            releases="Hours saved in the bank, if there are any, or a changed plan releases it.",
        ),
        reason="above_percent_of_planned",
    )


def _told(named: str, *, step: str, releases: str) -> pl.Expr:
    after, above = telling.minutes(pl.col(f"seconds_after_{step}")), pl.col(f"seconds_parked_by_{step}")
    return (
        pl.when(above > 0)
        .then(pl.format("{}: {}, {} above them parked. {}", pl.lit(named), after, telling.minutes(above), pl.lit(releases)))
        .otherwise(pl.format("{}: {}, all within them.", pl.lit(named), after))
    )
