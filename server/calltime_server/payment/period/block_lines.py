"""What is paid for the hours that were bought as a block, and how much of them was used?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.gates import in_force
from calltime_server.payment.lines import LINES
from calltime_server.payment.period.beside_visits import NO_SENTENCE, as_lines, of_kind, period_of
from calltime_server.payment.period.block import BLOCK_WEEK, COVERED, HOLDS_WEEK
from calltime_server.payment.period.days import Days
from calltime_server.payment.period.periods import midnight, monday_of, spelled
from calltime_server.payment.period.pools import granted
from calltime_server.payment.price import PARTS_OF_A_PENNY, in_pence
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import BlockHours
from calltime_server.visits import london


def block_lines(frame: pl.DataFrame, terms: Terms, agreed: Agreed, days: Days) -> pl.DataFrame:
    """One line for each block and week of the days whose Monday lies in the block's days, with `seconds_in_block` that was used.

    Weeks in which nobody was visited are paid as well. Blocks that share their visits are used one after another, by their names.
    """
    step = _block_of(terms)
    if step is None:
        return LINES.to_frame()
    first, last = (monday_of(pl.lit(day)) for day in (days.first, days.last))
    weeks = pl.select(week=pl.date_range(first, last, interval="1w")).filter(in_force(terms, pl.col("week")))
    used = frame.group_by(BLOCK_WEEK).agg(used=pl.sum(COVERED))
    exact = pl.col("minutes_per_week") * 60 * step.per_hour
    rows = (
        agreed.blocks.join(weeks, how="cross")
        .filter(HOLDS_WEEK)
        .sort("week", "block")
        .join(used, on=BLOCK_WEEK, how="left", maintain_order="left")
        .with_columns(pl.col("used").fill_null(0), bought=pl.col("minutes_per_week") * 60)
        .with_columns(
            granted(pl.col("bought"), of=pl.col("used"), over=BLOCK_WEEK).alias(COVERED),
            visit_id=pl.format("block:{}/{}", "block", "week"),
            period=period_of(terms, pl.col("week")),
            planned_start=midnight(pl.col("week")),
            paid_minutes=pl.col("minutes_per_week"),
            pence=in_pence(exact),
            rounding_360000ths=in_pence(exact) * PARTS_OF_A_PENNY - exact,
            outcome=pl.lit("pay"),
            reason=pl.lit("block"),
        )
    )
    return as_lines(rows, kind="block", and_also=(COVERED,))


def _block_of(terms: Terms) -> BlockHours | None:
    return next((step for step in terms.period_steps if isinstance(step, BlockHours)), None)


def told_block(terms: Terms) -> pl.Expr:
    """Reads LINES and `seconds_in_block`; null where the line is no block's."""
    step = _block_of(terms)
    if step is None:
        return NO_SENTENCE
    says = pl.format(
        "Block ({}): {} min bought for the week from {}, {} min of them used ({} %), × £{} an hour = {}, whatever was used.",
        pl.lit(step.clause),
        "paid_minutes",
        spelled(london.civil_day(pl.col("planned_start"))),
        pl.col(COVERED) // 60,
        pl.col(COVERED) * 100 // (pl.col("paid_minutes") * 60),
        pl.lit(step.pounds_per_hour),
        telling.pounds(pl.col("pence")),
    )
    return of_kind("block", says)
