"""Which ends of visits that no door saw count beside the taps?

Such an end completes a contact whose other end was tapped, or makes one with another such end. It never replaces a tap: what would leave a
tap without the partner that it has among the taps is put aside, and told. Visits that another system brought are looked at first, and what
was entered by hand stands beside both.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits.brought import BROUGHT_END
from calltime_server.visits.entered import BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What does not count: of what other systems brought, and of what was entered by hand."""

    brought: pl.DataFrame
    entered: pl.DataFrame


def put_aside(moves: pl.DataFrame, *, debounce_seconds: int, longest_hours: int) -> Aside:
    """Frame: the starts and stops of `TAPS` with `met` and `is_start`, in order."""
    brought = moves.filter(BROUGHT_END)
    if not brought.is_empty():
        seen = moves.filter(~BY_HAND)
        brought = _needless(seen, BROUGHT_END, debounce_seconds=debounce_seconds, longest_hours=longest_hours, of_one_visit=True)
        moves = moves.join(brought, on=["device", "seq"], how="anti", maintain_order="left")
    return Aside(brought=brought, entered=_needless(moves, BY_HAND, debounce_seconds=debounce_seconds, longest_hours=longest_hours))


def _needless(moves: pl.DataFrame, own: pl.Expr, *, debounce_seconds: int, longest_hours: int, of_one_visit: bool = False) -> pl.DataFrame:
    """Those of these that do not count, among the rows for which `own` holds; the others are the taps.

    Between a tapped start and its tapped stop only ends count that begin with a stop and end with a start: two visits that were taken for
    one. And what is said for a moment at which the same was tapped, is the tap's. `of_one_visit`: the numbers 2n and 2n + 1 are the start
    and the stop of one visit; where the same end was tapped between them, the tap counts.
    """
    concerned = moves.join(moves.filter(own).select("met").unique(), on="met", how="semi", maintain_order="left")
    seen = _with_taps_around(concerned, own)
    first, last = (getattr(pl.col("is_start").filter(own), which)().over("met", "tap_before") for which in ("first", "last"))
    between = (
        pl.col("start_before") & ~pl.col("start_after") & (pl.col("time_after") - pl.col("time_before") <= pl.duration(hours=longest_hours))
    )
    debounce = pl.duration(seconds=debounce_seconds)
    at_once = (pl.col("start_after") == pl.col("is_start")) & (pl.col("time_after") - pl.col("time") <= debounce)
    replaces = (between & (first | ~last)).fill_null(value=False) | at_once.fill_null(value=False)
    aside = seen.with_columns(replaces=replaces).filter(own)
    return aside.filter(pl.col("replaces") | _tapped_within(debounce)) if of_one_visit else aside.filter("replaces")


def _tapped_within(debounce: pl.Expr) -> pl.Expr:
    """Whether the same end was tapped within the visit to which this one belongs, or just before it. Over those that stand beside alone."""
    visit = pl.col("seq") // 2
    begins, ends = pl.col("time").min().over(visit), pl.col("time").max().over(visit)
    started = pl.col("is_start") & pl.col("start_after") & (pl.col("time_after") <= ends)
    stopped = ~pl.col("is_start") & ~pl.col("start_before") & (pl.col("time_before") >= begins)
    just_now = (pl.col("start_before") == pl.col("is_start")) & (pl.col("time") - pl.col("time_before") <= debounce)
    return started.fill_null(value=False) | stopped.fill_null(value=False) | just_now.fill_null(value=False)


def _with_taps_around(moves: pl.DataFrame, own: pl.Expr) -> pl.DataFrame:
    """Adds of the tap before and the tap after each row: start_… (whether it was one), time_…, and tap_before, its place in the order."""
    tapped = moves.with_row_index("row").with_columns(
        tap=pl.when(~own).then("row"), tap_start=pl.when(~own).then("is_start"), tap_time=pl.when(~own).then("time")
    )
    return tapped.with_columns(
        tap_before=pl.col("tap").forward_fill().over("met"),
        start_before=pl.col("tap_start").forward_fill().over("met"),
        time_before=pl.col("tap_time").forward_fill().over("met"),
        start_after=pl.col("tap_start").backward_fill().over("met"),
        time_after=pl.col("tap_time").backward_fill().over("met"),
    )
