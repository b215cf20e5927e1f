"""When did a tap really happen whose door did not know the time?

As long before (or after) a clock record of the same power-up as the two up-times say. The rule is that of docs/wire.md:
time = clock.time - (clock.up_ms - tap.up_ms). The door's own time stays in the record; only the frame is placed anew.
"""

from datetime import UTC, datetime

import polars as pl

from calltime_server.visits.columns import INSTANT

# Taps as they stand in the record: what was seen by which door, and for whom that door is enrolled. `tag_home` is whose tag it is.
SAID = pl.Schema(
    {
        "device": pl.String(),
        "seq": pl.Int64(),
        "time": INSTANT,
        "action": pl.String(),
        "place_via": pl.String(),
        "place_ref": pl.String(),
        "carer_via": pl.String(),
        "carer_ref": pl.String(),
        "boot": pl.String(),
        "up_ms": pl.Int64(),
        "sync": pl.String(),
        "received_at": INSTANT,
        "door_carer": pl.String(),
        "door_home": pl.String(),
        "tag_home": pl.String(),
    }
)

# Records of doors that knew the time, one row each.
CLOCKS = pl.Schema({"device": pl.String(), "boot": pl.String(), "up_ms": pl.Int64(), "time": INSTANT})

BOOT = ["device", "boot"]

# No door was there before, and what has not happened cannot have been tapped: a door that says otherwise of its up-time is not believed.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
AHEAD = pl.duration(minutes=10)


def retime(said: pl.DataFrame, clocks: pl.DataFrame) -> pl.DataFrame:
    """Frames: `SAID`, `CLOCKS` → `SAID` with the corrected `time`, which is null for a tap that nobody can place.

    Of several clock records of a power-up the nearest counts: the door's own crystal drifts least over the shortest span.
    """
    told = said.filter(pl.col("sync") != "none")
    lost = said.filter(pl.col("sync") == "none").sort("up_ms")
    placed = lost.join_asof(
        clocks.rename({"time": "clock_time", "up_ms": "clock_up_ms"}).sort("clock_up_ms"),
        left_on="up_ms",
        right_on="clock_up_ms",
        by=BOOT,
        strategy="nearest",
        check_sortedness=False,  # polars cannot check it by groups; both sides are sorted above
    )
    since = pl.duration(milliseconds=pl.col("clock_up_ms") - pl.col("up_ms"), time_unit="ms")
    corrected = pl.col("clock_time") - since
    possible = corrected.is_between(pl.lit(EARLIEST), pl.col("received_at") + AHEAD)
    return pl.concat([told, placed.with_columns(time=pl.when(possible).then(corrected)).select(SAID.names())])
