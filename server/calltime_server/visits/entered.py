"""Which ends of visits were entered by hand, and which of them count beside the taps?

An entered end completes a contact whose other end was tapped, or makes one with another entered end. It never replaces a tap: what would
leave a tap without the partner that it has among the taps is put aside, and told.
"""

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


def needless(moves: pl.DataFrame, *, debounce_seconds: int, longest_hours: int) -> pl.DataFrame:
    """The entries among these that do not count. Frame: the starts and stops of `TAPS` with `met` and `is_start`, in order.

    Between a tapped start and its tapped stop only entries count that begin with a stop and end with a start: two visits that were taken
    for one. And what was entered for a moment at which the same was tapped, is the tap's.
    """
    concerned = moves.join(moves.filter(BY_HAND).select("met").unique(), on="met", how="semi", maintain_order="left")
    seen = _with_taps_around(concerned)
    first, last = (getattr(pl.col("is_start").filter(BY_HAND), which)().over("met", "tap_before") for which in ("first", "last"))
    between = (
        pl.col("start_before") & ~pl.col("start_after") & (pl.col("time_after") - pl.col("time_before") <= pl.duration(hours=longest_hours))
    )
    at_once = (pl.col("start_after") == pl.col("is_start")) & (
        pl.col("time_after") - pl.col("time") <= pl.duration(seconds=debounce_seconds)
    )
    replaces = (between & (first | ~last)).fill_null(value=False) | at_once.fill_null(value=False)
    return seen.filter(BY_HAND & replaces)


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


def _with_taps_around(moves: pl.DataFrame) -> pl.DataFrame:
    """Adds of the tap before and the tap after each row: start_… (whether it was one), time_…, and tap_before, its place in the order."""
    tapped = moves.with_row_index("row").with_columns(
        tap=pl.when(~BY_HAND).then("row"), tap_start=pl.when(~BY_HAND).then("is_start"), tap_time=pl.when(~BY_HAND).then("time")
    )
    return tapped.with_columns(
        tap_before=pl.col("tap").forward_fill().over("met"),
        start_before=pl.col("tap_start").forward_fill().over("met"),
        time_before=pl.col("tap_time").forward_fill().over("met"),
        start_after=pl.col("tap_start").backward_fill().over("met"),
        time_after=pl.col("tap_time").backward_fill().over("met"),
    )
