"""When did a tap really happen whose door did not know the time?

As long before (or after) a clock record of the same power-up as the two up-times say. The rule is that of docs/wire.md:
time = clock.time - (clock.up_ms - tap.up_ms). The door's own time stays in the record; only the frame is placed anew.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits.columns import INSTANT, TAPS
from calltime_server.visits.problems import problems

# Taps as doors sent them: TAPS, and how the door knew the time.
TIMED = pl.Schema({**TAPS, "boot": pl.String(), "up_ms": pl.Int64(), "sync": pl.String()})

# Clock records of doors that learnt the time, one row each.
CLOCKS = pl.Schema({"device": pl.String(), "boot": pl.String(), "up_ms": pl.Int64(), "time": INSTANT})

BOOT = ["device", "boot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retimed:
    """`TAPS`, each at its best time; and a `PROBLEMS` row for each tap that nobody can place."""

    taps: pl.DataFrame
    problems: pl.DataFrame


def retime(taps: pl.DataFrame, clocks: pl.DataFrame) -> Retimed:
    """Frames: `TIMED`, `CLOCKS` → `TAPS` with the corrected time, and problems of kind `no_time`.

    Of several clock records of a power-up the nearest counts: the door's own crystal drifts least over the shortest span.
    """
    told = taps.filter(pl.col("sync") != "none")
    lost = taps.filter(pl.col("sync") == "none").sort("up_ms")
    placed = lost.join_asof(
        clocks.rename({"time": "clock_time", "up_ms": "clock_up_ms"}).sort("clock_up_ms"),
        left_on="up_ms",
        right_on="clock_up_ms",
        by=BOOT,
        strategy="nearest",
        check_sortedness=False,  # polars cannot check it by groups; both sides are sorted above
    )
    since = pl.duration(milliseconds=pl.col("clock_up_ms") - pl.col("up_ms"), time_unit="ms")
    corrected = placed.with_columns(time=pl.col("clock_time") - since)
    unplaced = corrected.filter(pl.col("time").is_null())
    says = pl.lit(
        "The door did not know the time when this was tapped, and has not learnt it since in the same power-up. "
        "The tap is kept and counts for nothing yet. Let the door reach a time server; enter the visit by hand if its power was cut."
    )
    return Retimed(
        taps=pl.concat([told.select(TAPS.names()), corrected.drop_nulls("time").select(TAPS.names())]),
        problems=problems(unplaced, kind="no_time", says=says),
    )
