"""When did a tap really happen whose door did not know the time, or was wrong about it?

As long before (or after) a clock record of the same power-up as the two up-times say. The rule is that of docs/wire.md:
time = clock.time - (clock.up_ms - tap.up_ms), to within clock.error_ms and what the up-time may drift in between. The door's own time stays
in the record; only the frame is placed anew, and says by which clock record.
"""

from datetime import UTC, datetime

import polars as pl

from calltime_server.visits import london
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
        "error_ms": pl.Int64(),
        "received_at": INSTANT,
        "door_carer": pl.String(),
        "door_home": pl.String(),
        "tag_home": pl.String(),
    }
)

# Boot and clock records of doors that knew the time, one row each.
CLOCKS = pl.Schema(
    {"device": pl.String(), "boot": pl.String(), "clock_seq": pl.Int64(), "up_ms": pl.Int64(), "time": INSTANT, "error_ms": pl.Int64()}
)

# Taps where they belong. `time` is null for one that nobody can place; `error_ms` is how far off it may be. What moved a tap is its
# `clock_seq` (null: the door's own time counts) and `placed`, the sentence about it; `doubt` tells that the door contradicts itself.
PLACED = pl.Schema({**SAID, "clock_seq": pl.Int64(), "placed": pl.String(), "doubt": pl.String()})

BOOT = ["device", "boot"]

# Up-time is off by a millisecond in so many, 100 ppm. ASSUMPTION: crystals of such boards are sold as ±20 to ±50 ppm, and heat, cold and
# age may double that. (Linux reckons with at most 500 ppm before it gives up on a clock.)
DRIFT = 10_000

# A tap whose door did know the time is still placed by a clock record that is four times closer, if its own time is looser than this: else
# its visit would begin by a battery's clock and end by a time server's.
LOOSE_MS = 10_000

# No door was there before, and what has not happened cannot have been tapped: a door that says otherwise of its up-time is not believed.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
AHEAD = pl.duration(minutes=10)


def retime(said: pl.DataFrame, clocks: pl.DataFrame) -> pl.DataFrame:
    """Frames: `SAID`, `CLOCKS` → `PLACED`, in any order.

    Of several clock records of a power-up the one counts that places the tap with the smallest error. What the door itself said counts if
    it knew the time, unless a clock record is closer and contradicts it, or is closer by far.
    """
    told = said.with_columns(pl.when(pl.col("sync") != "none").then(what).alias(f"own_{what}") for what in ("time", "error_ms"))
    seen = _by_the_better(_by_clocks(_by_clocks(told, clocks, way="before"), clocks, way="after"))
    moved = pl.col("clock_time").is_not_null() & (pl.col("own_time").is_null() | _closer())
    counted = seen.with_columns(
        *(pl.when(moved).then(f"clock_{what}").otherwise(f"own_{what}").alias(f"counted_{what}") for what in ("time", "error_ms")),
        clock_seq=pl.when(moved).then("clock_seq"),
    )
    return counted.with_columns(
        time="counted_time", error_ms=pl.coalesce("counted_error_ms", "error_ms"), placed=_placed(), doubt=_doubt()
    ).select(PLACED.names())


def _by_clocks(taps: pl.DataFrame, clocks: pl.DataFrame, *, way: str) -> pl.DataFrame:
    """Adds <way>_time, <way>_error_ms and <way>_seq: what the best clock record before (or after) each tap says of it, or null.

    A record is off by its own error and by the drift up to the tap. Which of two on the same side is better does therefore not depend on
    how far away the tap is. So one that is outdone by another between it and the tap is left out, and the nearest of the rest is the best.
    """
    before = way == "before"
    rank = pl.col("error_ms") * DRIFT - pl.col("up_ms") * (1 if before else -1)
    ranked = clocks.with_columns(rank=rank).sort("up_ms", "rank", "clock_seq", descending=[not before, False, False])
    best_so_far = pl.col("rank").cum_min().shift(1).over(BOOT)
    useful = ranked.filter((pl.col("rank") < best_so_far).fill_null(value=True)).select(
        *BOOT, clock_up="up_ms", at_clock="time", clock_off="error_ms", by_seq="clock_seq"
    )
    beside = taps.sort("up_ms").join_asof(
        useful.sort("clock_up"),
        left_on="up_ms",
        right_on="clock_up",
        by=BOOT,
        strategy="backward" if before else "forward",
        check_sortedness=False,  # polars cannot check it by groups; both sides are sorted above
    )
    apart = pl.col("clock_up") - pl.col("up_ms")
    time = pl.col("at_clock") - pl.duration(milliseconds=apart, time_unit="ms")
    error_ms = pl.col("clock_off") - (-apart.abs() // DRIFT)  # what is over counts as a whole millisecond
    possible = pl.when(time.is_between(pl.lit(EARLIEST), pl.col("received_at") + AHEAD))
    return beside.with_columns(
        possible.then(time).alias(f"{way}_time"),
        possible.then(error_ms).alias(f"{way}_error_ms"),
        possible.then("by_seq").alias(f"{way}_seq"),
    ).drop("clock_up", "at_clock", "clock_off", "by_seq")


def _by_the_better(taps: pl.DataFrame) -> pl.DataFrame:
    """Adds clock_time, clock_error_ms and clock_seq: the closer of the two sides; the one before where they are as close."""
    before = (pl.col("before_error_ms") <= pl.col("after_error_ms")).fill_null(pl.col("after_error_ms").is_null())
    return taps.with_columns(
        pl.when(before).then(f"before_{what}").otherwise(f"after_{what}").alias(f"clock_{what}") for what in ("time", "error_ms", "seq")
    )


def _closer() -> pl.Expr:
    own, clock = pl.col("own_error_ms"), pl.col("clock_error_ms")
    return (clock < own) & (_contradict("own", "clock") | ((own > LOOSE_MS) & (clock * 4 < own)))


def _contradict(one: str, other: str) -> pl.Expr:
    """Whether both cannot be true, even if each is as wrong as it says it may be; null where there are not both."""
    apart = (pl.col(f"{one}_time") - pl.col(f"{other}_time")).dt.total_milliseconds().abs()
    return apart > pl.col(f"{one}_error_ms") + pl.col(f"{other}_error_ms")


def _placed() -> pl.Expr:
    """clock record 7 of its door places it at 08:04:10 on 6 July 2026 ± 2 s: the door did not know the time when it was tapped."""
    did_not_know = pl.when(pl.col("own_time").is_null()).then(pl.lit("the door did not know the time when it was tapped"))
    why = did_not_know.otherwise(pl.format("the door's own clock said {}", _statement("own")))
    says = pl.format("clock record {} of its door places it at {}: {}", "clock_seq", _statement("counted"), why)
    return pl.when(pl.col("clock_seq").is_not_null()).then(says)


def _doubt() -> pl.Expr:
    """08:04:10 on 6 July 2026 ± 2 s by its clock record 7: what else the door said, and cannot be true if the time that counts is."""
    own = pl.when(_contradict("own", "counted")).then(pl.format("{} by its own clock", _statement("own")))
    before, after = (
        pl.when(_contradict(way, "counted")).then(pl.format("{} by its clock record {}", _statement(way), f"{way}_seq"))
        for way in ("before", "after")
    )
    said = pl.concat_str(own, before, after, separator=" and ", ignore_nulls=True)
    return pl.when(said != "").then(said)


def _statement(of: str) -> pl.Expr:
    return pl.format("{} ± {} s", london.moment(pl.col(f"{of}_time")), -(-pl.col(f"{of}_error_ms") // 1000))
