"""Which tap calls itself a start and was the stop, as what was entered before it says?

A door cannot know that the start was forgotten: it takes the one tap of a visit for its start. Who then enters the start by hand, and no
stop, says by it that this tap was the stop. The tap stands as it was signed; only its reading changes, and it is told.
"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.brought import BROUGHT_END
from calltime_server.visits.entered import BY_HAND
from calltime_server.visits.problems import problems


def read_as_stops(moves: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """Frame: the starts and stops of `TAPS` with `met` and `is_start`, in order → with `turned`: `is_start` is false of these.

    A tapped start is turned that follows an entered start within `longest_hours`, with nothing between, and has no stop of its own in time.
    """
    if moves.filter(BY_HAND & pl.col("is_start")).is_empty():
        return moves.with_columns(turned=pl.lit(value=False))
    longest = pl.duration(hours=longest_hours)
    same = pl.col("met") == pl.col("met").shift(1)
    after_entered = same & (BY_HAND & pl.col("is_start")).shift(1) & (pl.col("time") - pl.col("time").shift(1) <= longest)
    has_own = same.shift(-1) & ~pl.col("is_start").shift(-1) & (pl.col("time").shift(-1) - pl.col("time") <= longest)
    turned = pl.col("is_start") & ~BY_HAND & ~BROUGHT_END & after_entered.fill_null(value=False) & ~has_own.fill_null(value=False)
    return moves.with_columns(turned=turned).with_columns(is_start=pl.col("is_start") & ~pl.col("turned"))


def told_read_as_stops(moves: pl.DataFrame) -> pl.DataFrame:
    """Frame: `TAPS` with `turned`."""
    says = pl.format(
        "The tap of {} at {} at {} was captured as a start and is read as the stop: the start before it was entered by hand, and no stop "
        "followed. The tap stands in the record as it was signed. Withdraw the entry if the tap was the start after all.",
        "carer",
        "service_user",
        london.moment(pl.col("time")),
    )
    return problems(moves.filter("turned"), kind="read_as_stop", says=says)
