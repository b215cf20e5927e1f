"""How long did a carer wait at the door, before a visit began?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.lasting import length
from calltime_server.visits.problems import problems

# A door that is held on to records the start at once and the waiting some seconds later (edge: HELD_ON).
HELD_ON = pl.duration(seconds=10)

TAP = ("device", "seq")


def turned_into_waiting(known: pl.DataFrame, waits: pl.DataFrame) -> pl.DataFrame:
    """The starts that were none, because their door turned them into waiting within `HELD_ON`: device, seq.

    Frames: `TAPS` with `met`; `waits` are those among them that are waiting.
    """
    door = ("met", "device")
    near = known.join(waits.select(door).unique(), on=door, how="semi").sort(*door, "seq")
    same_door = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in door)
    later = pl.col("time").shift(-1) - pl.col("time")
    # A clock may go back between two numbers of a door: what stands hours before a start did not turn it into waiting.
    follows = same_door & (pl.col("action").shift(-1) == "waiting") & (later >= pl.duration(seconds=0)) & (later <= HELD_ON)
    return near.filter((pl.col("action") == "start") & follows).select(TAP)


def before_starts(waits: pl.DataFrame, moves: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """`waits` with the start that follows each, if the next tap is a start and comes in time: start_device, start_seq, waited (s).

    Frames: `TAPS` with `met`; `moves`, with `is_start`, are the starts and stops that count, in order.
    """
    following = moves.join(waits.select("met").unique(), on="met", how="semi", maintain_order="left").select(
        "met", next_is_start="is_start", next_time="time", start_device="device", start_seq="seq"
    )
    beside = waits.sort("time").join_asof(
        following.sort("next_time", maintain_order=True),
        left_on="time",
        right_on="next_time",
        by="met",
        strategy="forward",
        check_sortedness=False,  # polars cannot check it by groups; both sides are sorted above
    )
    waited = pl.col("next_time") - pl.col("time")
    began = pl.when(pl.col("next_is_start") & (waited <= pl.duration(hours=longest_hours)))
    return beside.with_columns(
        waited=began.then(waited.dt.total_seconds()), **{name: began.then(name) for name in ("start_device", "start_seq")}
    )


def with_waiting(contacts: pl.DataFrame, waits: pl.DataFrame) -> pl.DataFrame:
    """Adds waiting_seconds: from the first waiting tap since the tap before. `waits` is of `before_starts`."""
    start = ("start_device", "start_seq")
    longest = waits.drop_nulls("waited").group_by(start).agg(waiting_seconds=pl.col("waited").max())
    return contacts.join(longest, on=start, how="left", maintain_order="left").with_columns(pl.col("waiting_seconds").fill_null(0))


def told_waiting(waits: pl.DataFrame) -> pl.DataFrame:
    begun = pl.format(
        "{} later the visit began. Waiting is kept apart from contact and paid only where the contract says so", length(pl.col("waited"))
    )
    says = pl.format(
        "{} was waiting at the door of {} at {}. {}.",
        pl.col("carer"),
        pl.col("service_user"),
        london.moment(pl.col("time")),
        begun.fill_null("No start followed. Waiting is work but not contact: it is kept here and not counted as time"),
    )
    return problems(waits, kind="waiting", says=says)
