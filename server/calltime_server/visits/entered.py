"""Which ends of visits were entered by hand, and what is told of those that do not count?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.columns import TAPS
from calltime_server.visits.problems import problems
from calltime_server.visits.told import ENTERED_BY_HAND

BY_HAND = pl.col("device") == ENTERED_BY_HAND


def entered_taps(entries: pl.DataFrame) -> pl.DataFrame:
    """Frame: `ENTRIES` → `TAPS`. The reason is found by (device, seq): device `ENTERED_BY_HAND`, number `entry`."""
    return entries.select(
        pl.lit(ENTERED_BY_HAND).alias("device"),
        pl.col("entry").alias("seq"),
        *("time", "action", "carer", "service_user"),
        pl.lit(0, dtype=pl.Int64).alias("grade"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in ("place_ref", "carer_ref")),
    ).select(TAPS.names())


def told_needless(entries: pl.DataFrame) -> pl.DataFrame:
    says = pl.format(
        "The {} of {} at {} that was entered by hand for {} does not count: the taps there have both ends, and an entry does not replace a "
        "tap. Nothing needs to be done if the taps are right. If they are not, enter both the stop and the next start that lack.",
        pl.col("action"),
        pl.col("carer"),
        pl.col("service_user"),
        london.moment(pl.col("time")),
    )
    return problems(entries, kind="entry_not_needed", says=says)
