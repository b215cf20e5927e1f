"""What is left of a budget that is paid in full because its outcomes were met?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.gates import in_force
from calltime_server.payment.lines import LINES
from calltime_server.payment.period.beside_visits import NO_SENTENCE, as_lines, of_kind, period_of
from calltime_server.payment.period.days import Days
from calltime_server.payment.period.money import budget_of, run_ends
from calltime_server.payment.period.periods import midnight
from calltime_server.payment.terms import Terms

WHOLE_RUN_MISSING = "budget_needs_its_whole_run"


def budget_lines(frame: pl.DataFrame, terms: Terms, agreed: Agreed, days: Days) -> pl.DataFrame:
    """One line for each package whose outcomes were met and whose run has ended, in the period of the run's last day.

    It is parked when the package started before the days: what its earlier visits cost is then not known here.
    """
    step = budget_of(terms)
    if step is None:
        return LINES.to_frame()
    of_package = (
        frame.filter(pl.col("service").is_in(step.services) & (pl.col("package_outcome") == "met") & pl.col("budget_pence").is_not_null())
        .group_by("package", "service_user", "provider", "service", "budget_pence", "package_starts")
        .agg(visits=pl.when(pl.col("outcome") == "pay").then("pence").otherwise(0).sum())
        .join(run_ends(agreed, step), on="package")
        .filter(pl.col("run_ends") <= min(days.last, days.known), in_force(terms, pl.col("run_ends")))
        .filter(pl.col("visits") < pl.col("budget_pence"))
        .with_columns(period=period_of(terms, pl.col("run_ends")))
    )
    known = pl.col("package_starts") >= days.first
    rows = of_package.with_columns(
        visit_id=pl.format("budget:{}", "package"),
        planned_start=midnight(pl.coalesce("period", "run_ends")),
        pence=pl.when(known).then(pl.col("budget_pence") - pl.col("visits")).otherwise(0),
        rounding_360000ths=pl.when(known).then(pl.lit(0, dtype=pl.Int64)),
        outcome=pl.when(known).then(pl.lit("pay")).otherwise(pl.lit("park")),
        reason=pl.when(known).then(pl.lit("budget_in_full")).otherwise(pl.lit(WHOLE_RUN_MISSING)),
    )
    return as_lines(rows, kind="budget")


def told_budget_line(terms: Terms) -> pl.Expr:
    """Reads LINES; null where the line is no budget's."""
    step = budget_of(terms)
    if step is None:
        return NO_SENTENCE
    named = f"Budget for up to {step.weeks} weeks ({step.clause})"
    paid = pl.format(
        "{}: the outcomes were met, so the {} that the visits left of it are paid.", pl.lit(named), telling.pounds(pl.col("pence"))
    )
    parked = pl.lit(
        f"{named}: the outcomes were met, but not all visits of the package were settled together, so what they left of it is not known. "
        "Parked. Settle again from the first day of the package."
    )
    return of_kind("budget", pl.when(pl.col("reason") == WHOLE_RUN_MISSING).then(parked).otherwise(paid))
