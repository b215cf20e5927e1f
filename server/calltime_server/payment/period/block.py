"""Which visits lie in the hours that were bought as a block, and how far do those reach?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.period.period_step import PeriodStep, column_after
from calltime_server.payment.period.pools import granted
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import BlockHours

COVERED = "seconds_in_block"
BLOCK_KEY = ("provider", "zone", "service")
BLOCK_WEEK = (*BLOCK_KEY, "week")
# The Monday lies in the days of the block.
HOLDS_WEEK = (pl.col("starts") <= pl.col("week")) & (pl.col("ends").is_null() | (pl.col("week") <= pl.col("ends")))


def block_hours(terms: BlockHours, *, before: str, blocks: pl.DataFrame) -> PeriodStep:
    """What is left to be paid by itself: nothing, as far as the block's minutes of the week reach.

    Frame: `BLOCKS`. A week belongs to a block when its Monday lies in the block's days.
    """
    asked = pl.col(before)
    bought = pl.struct(BLOCK_WEEK).map_batches(
        lambda rows: with_block(rows.struct.unnest(), blocks)["minutes_per_week"].fill_null(0) * 60, return_dtype=pl.Int64
    )
    column = column_after(terms.step)
    return PeriodStep(
        column=column,
        seconds=asked - granted(asked, of=bought, over=BLOCK_WEEK),
        sentence=_told(terms),
        reason="in_block",
        covered_column=COVERED,
        covered=asked - pl.col(column),
    )


def with_block(frame: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Frames: BLOCK_KEY and week; `BLOCKS` → the same rows in the same order, with `minutes_per_week` (null where there is no block).

    All blocks that fit are one pool.
    """
    weeks = frame.select(BLOCK_WEEK).unique()
    fitting = weeks.join(blocks.select(*BLOCK_KEY, "starts", "ends", "minutes_per_week"), on=BLOCK_KEY).filter(HOLDS_WEEK)
    bought = fitting.group_by(BLOCK_WEEK).agg(pl.sum("minutes_per_week"))
    return frame.join(bought, on=BLOCK_WEEK, how="left", maintain_order="left")


def blocks_of(terms: Terms, agreed: Agreed) -> pl.DataFrame:
    """The agreed blocks, if the terms pay for blocks at all."""
    pays = any(isinstance(step, BlockHours) for step in terms.period_steps)
    return agreed.blocks if pays else agreed.blocks.clear()


def _told(terms: BlockHours) -> pl.Expr:
    after, inside = pl.col(column_after(terms.step)), pl.col(COVERED)
    told = (
        pl.when(after > 0)
        .then(pl.format("{} in the block, paid with it, and {} beyond it by themselves", telling.minutes(inside), telling.minutes(after)))
        .otherwise(pl.format("{} in the block, paid with it", telling.minutes(inside)))
    )
    return pl.when(inside > 0).then(pl.format("Block hours ({}): {}.", pl.lit(terms.clause), told))
