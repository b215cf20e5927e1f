"""How much of a package's visits does its personal budget pay for?

The visits of the whole run draw on it in their order. More than the budget is not paid, unless the council agreed that the case is
exceptional.
"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.period.pools import IN_ORDER, granted
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Budget

ABOVE, WAITS = "pence_above_budget", "budget_waits"
UNTIL_KNOWN = "; what the visits leave of it waits until it is known whether the outcomes were met"


def apply_budget(frame: pl.DataFrame, terms: Terms, agreed: Agreed) -> pl.DataFrame:
    """Frame: decided visits, with their price in `pence` → pence, paid_minutes, outcome and reason of those above the budget
    changed, and two columns more. Terms without a budget leave the frame as it is.

    `pence_above_budget` is what was cut off the price (0 elsewhere). `budget_waits` is null where the line is under no budget, and true
    while it is not known whether the outcomes were met.
    """
    step = budget_of(terms)
    if step is None:
        return frame
    budgeted = pl.col("service").is_in(step.services) & pl.col("budget_pence").is_not_null()
    waits = pl.when(budgeted).then(pl.col("package_outcome").is_null()).alias(WAITS)
    rows = frame.with_row_index("came_as")
    above = _above(rows.filter(budgeted), run_ends(agreed, step))
    cut = rows.join(above, on="came_as", how="left", maintain_order="left").drop("came_as")
    return _cut(cut.with_columns(pl.col(ABOVE).fill_null(0), waits))


def _above(budgeted: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """→ came_as and what of its price the budget does not reach for."""
    drawing = budgeted.select("came_as", *IN_ORDER, "package", "day", "budget_pence", "exceptional", "outcome", "pence").sort(IN_ORDER)
    price = pl.when(pl.col("outcome") == "pay").then("pence").otherwise(0)
    asked = pl.when(pl.col("day") <= pl.col("run_ends")).then(price).otherwise(0)
    over = price - granted(asked, of=pl.col("budget_pence"), over=("package",))
    return drawing.join(ends, on="package", how="left", maintain_order="left").select(
        "came_as", pl.when(pl.col("exceptional").fill_null(False)).then(0).otherwise(over).alias(ABOVE)
    )


def _cut(frame: pl.DataFrame) -> pl.DataFrame:
    """A line on the edge keeps as many of its minutes as its pence are of its price, in whole minutes."""
    cut, kept = pl.col(ABOVE) > 0, pl.col("pence") - pl.col(ABOVE)
    return frame.with_columns(
        pl.when(cut).then(kept).otherwise("pence").alias("pence"),
        pl.when(cut).then(pl.col("paid_minutes") * kept // pl.max_horizontal("pence", 1)).otherwise("paid_minutes").alias("paid_minutes"),
        pl.when(~(cut & (kept == 0))).then("rounding_360000ths").alias("rounding_360000ths"),
        pl.when(cut & (kept == 0)).then(pl.lit("refuse")).otherwise("outcome").alias("outcome"),
        pl.when(cut).then(pl.lit("above_budget")).otherwise("reason").alias("reason"),
    )


def budget_of(terms: Terms) -> Budget | None:
    """The budget step of the terms, of which there is one at most."""
    return next((step for step in terms.period_steps if isinstance(step, Budget)), None)


def run_ends(agreed: Agreed, step: Budget) -> pl.DataFrame:
    """→ package, `run_ends`: the last day that its budget pays for, which is its own last day or that of the step's weeks."""
    last_of_weeks = pl.col("starts") + pl.duration(days=step.weeks * 7 - 1)
    return agreed.packages.select("package", run_ends=pl.min_horizontal("ends", last_of_weeks))


def budget_sentence(terms: Terms) -> pl.Expr | None:
    """Reads pence and the two columns; null where the line is under no budget."""
    step = budget_of(terms)
    if step is None:
        return None
    named = f"Budget for up to {step.weeks} weeks ({step.clause})"
    above, kept = pl.col(ABOVE), pl.col("pence")
    within = pl.format("{}: within it{}.", pl.lit(named), pl.when(pl.col(WAITS)).then(pl.lit(UNTIL_KNOWN)).otherwise(pl.lit("")))
    return pl.when(pl.col(WAITS).is_not_null()).then(
        pl.when(above == 0)
        .then(within)
        .when(kept > 0)
        .then(pl.format("{}: it reaches for {}; {} above it not paid.", pl.lit(named), telling.pounds(kept), telling.pounds(above)))
        .otherwise(pl.format("{}: used up or over before this visit; {} above it not paid.", pl.lit(named), telling.pounds(above)))
    )
