"""Which two taps are one contact of a carer with a service user?

A start and the stop that follows it, by the same carer at the same service user; the two may come from different doors, because a carer
may start by phone and stop at the home's reader. Taps that find no partner stay visible, with one end missing.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.columns import CONTACTS
from calltime_server.visits.problems import gathered, problems

# A door that is held on to records the start at once and the waiting some seconds later (edge: HELD_ON).
HELD_ON = pl.duration(seconds=10)

MET = ("carer", "service_user")

CARER, HOME, WHEN = pl.col("carer"), pl.col("service_user"), london.moment(pl.col("time"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """`CONTACTS`, by carer, service user and time; and `PROBLEMS`."""

    contacts: pl.DataFrame
    problems: pl.DataFrame


def pair(taps: pl.DataFrame, *, debounce_seconds: int, longest_hours: int) -> Paired:
    """Frame: `TAPS`, each tap once → `CONTACTS` and `PROBLEMS`.

    A tap of the same action as the one just before it, no more than `debounce_seconds` later, is a slip of the hand: the first counts.
    A start that its door turned into waiting within `HELD_ON` was none: the carer held on to the reader to say that she waits.
    A stop more than `longest_hours` after its start is not taken for its stop: two forgotten taps would make a contact of days.
    """
    known = taps.filter(pl.all_horizontal(pl.col(MET).is_not_null()))
    moves = _in_order(known.filter(~_became_waiting() & (pl.col("action") != "waiting")))
    slip = _is_second_tap(debounce_seconds)
    neighbours = _with_neighbours(moves.filter(~slip), longest_hours)
    return Paired(
        contacts=_contacts(neighbours),
        problems=gathered(
            _unknown(taps),
            _waiting(known.filter(pl.col("action") == "waiting")),
            _second_taps(moves.filter(slip)),
            _without_stop(neighbours, longest_hours),
            _without_start(neighbours, longest_hours),
        ),
    )


def _became_waiting() -> pl.Expr:
    door = (*MET, "device")
    follows = pl.col("action").shift(-1).over(door, order_by="seq") == "waiting"
    after = pl.col("time").shift(-1).over(door, order_by="seq") - pl.col("time")
    return ((pl.col("action") == "start") & follows & (after <= HELD_ON)).fill_null(value=False)


def _in_order(moves: pl.DataFrame) -> pl.DataFrame:
    # At the same instant a door's own numbers tell the order; between doors, what was open ends before the next begins.
    same_door = pl.col("device").n_unique().over(*MET, "time") == 1
    place = pl.when(same_door).then(pl.col("seq")).when(pl.col("action") == "stop").then(0).otherwise(1)
    ordered = moves.with_columns(place=place).sort(*MET, "time", "place", "device", "seq").drop("place")
    return ordered.with_columns(
        since=(pl.col("time") - pl.col("time").shift(1)).over(MET),
        same_as_before=(pl.col("action") == pl.col("action").shift(1)).over(MET).fill_null(value=False),
    )


def _is_second_tap(debounce_seconds: int) -> pl.Expr:
    return pl.col("same_as_before") & (pl.col("since") <= pl.duration(seconds=debounce_seconds))


def _with_neighbours(moves: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """Adds the stop_… columns of the next tap, and whether this tap has one that follows (or that it follows), and whether in time."""
    longest = pl.duration(hours=longest_hours)
    following = {"ended": "time", "stop_device": "device", "stop_seq": "seq", "stop_grade": "grade", "next_action": "action"}
    return (
        moves.with_columns(pl.col(source).shift(-1).over(MET).alias(name) for name, source in following.items())
        .with_columns(leads=((pl.col("action") == "start") & (pl.col("next_action") == "stop")).fill_null(value=False))
        .with_columns(meets=pl.col("leads") & (pl.col("ended") - pl.col("time") <= longest))
        .with_columns(
            was_led=pl.col("leads").shift(1).over(MET).fill_null(value=False),
            was_met=pl.col("meets").shift(1).over(MET).fill_null(value=False),
        )
    )


def _contacts(taps: pl.DataFrame) -> pl.DataFrame:
    start = {"started": "time", "start_device": "device", "start_seq": "seq", "start_grade": "grade"}
    stop = ("ended", "stop_device", "stop_seq", "stop_grade")
    starts = taps.filter(pl.col("action") == "start").with_columns(
        *(pl.col(source).alias(name) for name, source in start.items()),
        *(pl.when("meets").then(pl.col(name)).alias(name) for name in stop),
    )
    lone_stops = taps.filter((pl.col("action") == "stop") & ~pl.col("was_met")).with_columns(
        *(pl.lit(None, dtype=CONTACTS[name]).alias(name) for name in start),
        ended="time",
        stop_device="device",
        stop_seq="seq",
        stop_grade="grade",
    )
    seconds = (pl.col("ended") - pl.col("started")).dt.total_seconds().fill_null(0)
    contacts = pl.concat([starts, lone_stops], how="diagonal").with_columns(
        contact_seconds=seconds, waiting_seconds=pl.lit(0, dtype=pl.Int64)
    )
    at = pl.coalesce("started", "ended")
    device, seq = pl.coalesce("start_device", "stop_device"), pl.coalesce("start_seq", "stop_seq")
    return contacts.sort(*MET, at, device, seq).select(CONTACTS.names())


def _unknown(taps: pl.DataFrame) -> pl.DataFrame:
    kept = "The tap is kept and makes no contact. Say whose it is, then settle again."
    badge = pl.format(
        "The {} tap of {} names {}. " + kept,
        pl.col("action"),
        WHEN,
        pl.concat_str(pl.lit("the badge "), "carer_ref", pl.lit(", which no carer holds")).fill_null("no carer"),
    )
    tag = pl.format(
        "The {} tap of {} names {}. " + kept,
        pl.col("action"),
        WHEN,
        pl.concat_str(pl.lit("the tag "), "place_ref", pl.lit(", which hangs in no home")).fill_null("no service user"),
    )
    return pl.concat(
        [
            problems(taps.filter(pl.col("carer").is_null()), kind="unknown_badge", says=badge),
            problems(taps.filter(pl.col("service_user").is_null()), kind="unknown_tag", says=tag),
        ]
    )


def _waiting(taps: pl.DataFrame) -> pl.DataFrame:
    says = pl.format(
        "{} was waiting at the door of {} at {}. Waiting is work but not contact: it is kept here and not counted as time.",
        CARER,
        HOME,
        WHEN,
    )
    return problems(taps, kind="waiting", says=says)


def _second_taps(taps: pl.DataFrame) -> pl.DataFrame:
    says = pl.format(
        "{} tapped {} again at {} at {}, {} s after the tap before. The first one counts. Nothing needs to be done.",
        CARER,
        pl.col("action"),
        HOME,
        WHEN,
        pl.col("since").dt.total_seconds(),
    )
    return problems(taps, kind="second_tap", says=says)


def _without_stop(taps: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    lone = taps.filter((pl.col("action") == "start") & ~pl.col("meets"))
    why = (
        pl.when("leads")
        .then(pl.format("the next stop was not until {}, more than {} hours later", london.moment(pl.col("ended")), pl.lit(longest_hours)))
        .when(pl.col("next_action") == "start")
        .then(pl.lit("the next tap was a start again"))
        .otherwise(pl.lit("no stop tap has come"))
    )
    says = pl.format(
        "{} started at {} at {}, but {}. Wait for the stop tap, or have the provider add it with the reason.", CARER, HOME, WHEN, why
    )
    return problems(lone, kind="no_stop", says=says)


def _without_start(taps: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    lone = taps.filter((pl.col("action") == "stop") & ~pl.col("was_met"))
    why = (
        pl.when("was_led")
        .then(pl.format("the start before it was more than {} hours earlier", pl.lit(longest_hours)))
        .otherwise(pl.lit("no start tap belongs to it"))
    )
    says = pl.format(
        "{} stopped at {} at {}, but {}. Wait for the start tap, or have the provider add it with the reason.", CARER, HOME, WHEN, why
    )
    return problems(lone, kind="no_start", says=says)
