"""What do carers tap on their rounds, and what goes wrong?

Where a rate is from: Corporate Watch asked 31 councils (one visit in ten starts more than 30 minutes late, 7 % are shorter than a quarter
of an hour). Central Bedfordshire asks that 85 % of visits are tapped at both ends: 6 % that are not is a good provider's. The others are
assumptions.
"""

import polars as pl

from calltime_server.visits.columns import TAPS

# In hundredths of a per cent, of rounds, visits, contacts or taps.
LATE = 1000  # of rounds: the whole round is 31 to 90 minutes late
SWAPPED = 200  # of rounds: the first two homes in the other order
CLIPPED = 700  # of contacts: 5 to 14 minutes, whatever was planned
MISSED = 100  # of visits
ONE_CARER_SHORT = 500  # of double-handed visits: one carer came
NO_STOP = 350  # of contacts
NO_START = 250
SLIP_OF_THE_HAND = 100  # of starts: tapped again within seconds
NOT_PLANNED = 100  # of visits: made again in the afternoon, or the next, and nobody planned it
REDELIVERED = 500  # of taps: sent again, because no receipt came

ROUND = ("day", "turn", "round")


def taps_of(plan: pl.DataFrame, *, seed: int, clean: bool) -> pl.DataFrame:
    """Frame: a plan in rounds (visit_id, carers, planned_…, day, turn, round, place) → `TAPS`, in no order."""
    contacts = _made(plan, seed)
    if not clean:
        contacts = _gone_wrong(contacts, seed)
    taps = _numbered(_tapped(contacts, seed, clean=clean))
    if not clean:
        taps = pl.concat([taps, taps.filter(drawn(seed, 20) < REDELIVERED)])
    return taps.sample(fraction=1, shuffle=True, seed=seed)


def drawn(seed: int, salt: int) -> pl.Expr:
    """Numbers from 0 to 9999 over the rows, in no order, each as often as any other."""
    return (pl.int_range(pl.len()).shuffle(seed=seed * 1000 + salt) * 10_000) // pl.len()


def _made(plan: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A contact for every carer asked for: up to four minutes after the plan, three shorter to five longer than planned."""
    carers = plan.with_columns(visit_drawn=drawn(seed, 16), carer_no=pl.int_ranges(1, pl.col("carers") + 1)).explode("carer_no")
    shift = pl.when(pl.col("turn") < 2).then(pl.lit("d")).when(pl.col("turn") < 4).then(pl.lit("e")).otherwise(pl.lit("n"))
    return carers.with_columns(
        carer=pl.format("c{}{}-{}", shift, "round", "carer_no"),
        started=pl.col("planned_start") + pl.duration(seconds=drawn(seed, 10) % 240),
        seconds=(pl.col("planned_minutes") * 60 + drawn(seed, 11) % 480 - 180),
    )


def _gone_wrong(contacts: pl.DataFrame, seed: int) -> pl.DataFrame:
    rounds = contacts.select(ROUND).unique(maintain_order=True)
    rounds = rounds.with_columns(late=drawn(seed, 12), swapped=drawn(seed, 13), minutes=31 + drawn(seed, 14) % 60)
    first_two = (pl.col("swapped") < SWAPPED) & (pl.col("place") < 2)
    both = pl.col("started").filter(pl.col("place") < 2)
    other_home = both.min().over(ROUND) + (both.max().over(ROUND) - pl.col("started"))
    late = pl.when(pl.col("late") < LATE).then("minutes").otherwise(0)
    came = contacts.join(rounds, on=ROUND, how="left", maintain_order="left").with_columns(
        started=pl.when(first_two).then(other_home).otherwise("started") + pl.duration(minutes=late),
        seconds=pl.when(drawn(seed, 15) < CLIPPED).then(300 + pl.col("seconds") % 600).otherwise("seconds"),
    )
    not_planned = came.filter(drawn(seed, 21) < NOT_PLANNED).with_columns(pl.col("started") + pl.duration(hours=5, minutes=30))
    nobody = pl.col("visit_drawn") < MISSED
    came_alone = (pl.col("carer_no") == 2) & (drawn(seed, 17) < ONE_CARER_SHORT)
    return pl.concat([came.filter(~nobody & ~came_alone), not_planned])


def _tapped(contacts: pl.DataFrame, seed: int, *, clean: bool) -> pl.DataFrame:
    ends = contacts.with_columns(lost=pl.lit(10_000) if clean else drawn(seed, 18), slips=pl.lit(10_000) if clean else drawn(seed, 19))
    start = ends.with_columns(time="started", action=pl.lit("start"))
    stop = ends.with_columns(time=pl.col("started") + pl.duration(seconds="seconds"), action=pl.lit("stop"))
    again = start.filter(pl.col("slips") < SLIP_OF_THE_HAND).with_columns(pl.col("time") + pl.duration(seconds=7))
    no_start = pl.col("lost").is_between(NO_STOP, NO_STOP + NO_START, closed="left")
    return pl.concat([start.filter(~no_start), again.filter(~no_start), stop.filter(pl.col("lost") >= NO_STOP)])


def _numbered(taps: pl.DataFrame) -> pl.DataFrame:
    """As each carer's phone numbered them."""
    return (
        taps.sort("carer", "time", "service_user", "action")
        .with_columns(
            device=pl.format("phone-{}", "carer"),
            seq=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("carer"),
            grade=pl.lit(2, dtype=pl.Int64),
            place_ref=pl.format("tag-{}", "service_user"),
            carer_ref=pl.format("phone-{}", "carer"),
        )
        .cast({"time": TAPS["time"]})
        .select(TAPS.names())
    )
