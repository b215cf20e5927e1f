"""Which tap calls itself a start and was the stop, as what was entered before it says?

A door cannot know that the start was forgotten: it takes the one tap of a visit for its start. Who then enters the start by hand, and no
stop, says by it that this tap was the stop. The tap stands as it was signed; only its reading changes, and it is told. It is not
turned where another planned visit is nearer to it, or long after the visit should have been over: it may have begun another visit then.
"""

from datetime import timedelta

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.brought import BROUGHT_END
from calltime_server.visits.entered import BY_HAND
from calltime_server.visits.problems import problems

OWN = timedelta(hours=1)
"""So near to the planned start of its own visit is a start that was entered."""
LATE = timedelta(hours=3)
"""So long after the planned end of its own visit, or after the start if nobody planned it, a tap may still be the stop."""


def read_as_stops(moves: pl.DataFrame, plan: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """Frames: the starts and stops of `TAPS` with `met` and `is_start`, in order, and `PLAN` → the moves with `turned`.

    A tapped start is turned that follows an entered start within `longest_hours`, with nothing between, has no stop of its own in time,
    and does not lie nearer to another visit or too late, as `_of_another` says. Of these `is_start` is false.
    """
    if moves.filter(BY_HAND & pl.col("is_start")).is_empty():
        return moves.with_columns(turned=pl.lit(value=False))
    longest = pl.duration(hours=longest_hours)
    same = pl.col("met") == pl.col("met").shift(1)
    after_entered = same & (BY_HAND & pl.col("is_start")).shift(1) & (pl.col("time") - pl.col("time").shift(1) <= longest)
    has_own = same.shift(-1) & ~pl.col("is_start").shift(-1) & (pl.col("time").shift(-1) - pl.col("time") <= longest)
    turned = pl.col("is_start") & ~BY_HAND & ~BROUGHT_END & after_entered.fill_null(value=False) & ~has_own.fill_null(value=False)
    likely = moves.with_columns(turned=turned, entered=pl.col("time").shift(1)).with_row_index("nth")
    others = _of_another(likely.filter("turned").select("nth", "service_user", "entered", "time"), plan)
    kept = likely.with_columns(turned=pl.col("turned") & ~pl.col("nth").is_in(others.implode()))
    return kept.drop("nth", "entered").with_columns(is_start=pl.col("is_start") & ~pl.col("turned"))


def _of_another(likely: pl.DataFrame, plan: pl.DataFrame) -> pl.Series:
    """`nth` of each of these taps that may belong to another visit than the start that was `entered`.

    The entered start's own visit is the planned one nearest to it within `OWN`. Another one that begins nearer to the tap than to the start
    that was entered may be the tap's, unless the own one's end is no further from the tap. More than `LATE` after the own one no tap is
    its stop.
    """
    planned = plan.select("service_user", "planned_start", planned_end=pl.col("planned_start") + pl.duration(minutes="planned_minutes"))
    beside = likely.join(planned, on="service_user").with_columns(
        off_entered=(pl.col("planned_start") - pl.col("entered")).abs(), off_tap=(pl.col("planned_start") - pl.col("time")).abs()
    )
    own = (
        beside.filter(pl.col("off_entered") <= OWN)
        .sort("nth", "off_entered", "planned_start", "planned_end", descending=[False, False, False, True])
        .unique("nth", keep="first", maintain_order=True)
        .select("nth", own_start="planned_start", own_end="planned_end")
    )
    another = (
        beside.filter(pl.col("off_tap") < pl.col("off_entered"))
        .join(own, on="nth", how="left")
        .filter(pl.col("planned_start").ne_missing(pl.col("own_start")))
        .filter(pl.col("own_end").is_null() | (pl.col("off_tap") < (pl.col("own_end") - pl.col("time")).abs()))
    )
    late = likely.join(own, on="nth", how="left").filter(pl.col("time") - pl.max_horizontal("entered", "own_end") > LATE)
    return pl.concat([another["nth"], late["nth"]]).unique()


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
