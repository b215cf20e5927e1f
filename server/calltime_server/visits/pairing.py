"""Which two taps are one contact of a carer with a service user?

A start and the stop that follows it, by the same carer at the same service user; the two may come from different doors, because a carer
may start by phone and stop at the home's reader. Taps that find no partner stay visible, with one end missing.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits import brought, entered
from calltime_server.visits.beside import put_aside
from calltime_server.visits.codes import names_of, number_of
from calltime_server.visits.columns import CONTACTS, PLAN
from calltime_server.visits.lone_taps import told_second_taps, told_unknown, told_without_start, told_without_stop
from calltime_server.visits.problems import gathered
from calltime_server.visits.taken_for_starts import read_as_stops, told_read_as_stops
from calltime_server.visits.told import JOURNEYS
from calltime_server.visits.two_homes import told_two_homes
from calltime_server.visits.waiting import before_starts, told_waiting, turned_into_waiting, with_waiting

NO_JOURNEYS = JOURNEYS.to_frame()
NOT_PLANNED = PLAN.to_frame()

TAP = ("device", "seq")

SAME_AS_BEFORE = pl.col("met") == pl.col("met").shift(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """`CONTACTS`, by carer, service user and time; and `PROBLEMS`."""

    contacts: pl.DataFrame
    problems: pl.DataFrame


def pair(
    taps: pl.DataFrame,
    *,
    debounce_seconds: int,
    longest_hours: int,
    journeys: pl.DataFrame = NO_JOURNEYS,
    plan: pl.DataFrame = NOT_PLANNED,
) -> Paired:
    """Frames: `TAPS`, each tap once, in any order, `JOURNEYS`, and `PLAN` → `CONTACTS` and `PROBLEMS`.

    A tap of the same action as the one just before it, no more than `debounce_seconds` later, is a slip of the hand: the first counts.
    A start that its door turned into waiting within `HELD_ON` was none: the carer held on to the reader to say that she waits.
    The one tap after a start that was entered by hand is the stop, whatever its door took it for, if it is no other planned visit's.
    A stop more than `longest_hours` after its start is not taken for its stop: two forgotten taps would make a contact of days.
    """
    known = _numbered(taps.filter(pl.col("carer").is_not_null() & pl.col("service_user").is_not_null()))
    waits = known.filter(pl.col("action") == "waiting")
    all_moves = _in_order(_without(known.filter(pl.col("action") != "waiting"), turned_into_waiting(known, waits)))
    aside = put_aside(all_moves, debounce_seconds=debounce_seconds, longest_hours=longest_hours)
    moves, slips = _without_slips(_without(_without(all_moves, aside.brought.select(TAP)), aside.entered.select(TAP)), debounce_seconds)
    moves = read_as_stops(moves, plan, longest_hours)
    waits = before_starts(waits, moves, longest_hours)
    neighbours = _with_neighbours(moves, longest_hours)
    contacts = with_waiting(_contacts(neighbours), waits).select(CONTACTS.names())
    return Paired(
        contacts=contacts,
        problems=gathered(
            told_unknown(taps),
            told_waiting(waits),
            brought.told_needless(aside.brought),
            entered.told_needless(aside.entered),
            told_second_taps(slips),
            told_read_as_stops(moves),
            told_without_stop(neighbours, longest_hours),
            told_without_start(neighbours, longest_hours),
            told_two_homes(contacts, journeys),
        ),
    )


def _numbered(taps: pl.DataFrame) -> pl.DataFrame:
    """Adds `met`, one number for a carer at a service user, by carer and then by service user; `door` for the device; `is_start`."""
    carers, homes, doors = (names_of(taps[name]) for name in ("carer", "service_user", "device"))
    return taps.drop("place_ref", "carer_ref").with_columns(
        met=number_of("carer", carers) * len(homes.categories) + number_of("service_user", homes),
        door=number_of("device", doors),
        is_start=pl.col("action") == "start",
    )


def _without(taps: pl.DataFrame, some: pl.DataFrame) -> pl.DataFrame:
    return taps if some.is_empty() else taps.join(some, on=TAP, how="anti", maintain_order="left")


def _in_order(moves: pl.DataFrame) -> pl.DataFrame:
    # At the same instant a door's own numbers tell the order; between doors, what was open ends before the next begins. Which row comes
    # where is found out by a few numbers, so that the rows themselves are moved once.
    timed = _by_time(moves)
    as_before = SAME_AS_BEFORE & (pl.col("time") == pl.col("time").shift(1))
    tied = timed.filter(as_before.fill_null(value=False) | as_before.shift(-1).fill_null(value=False))
    tied = tied.with_columns(crossed=pl.col("door").n_unique().over("met", "time") > 1)
    again = tied.sort("met", "time", pl.col("crossed") & pl.col("is_start"), "door", "seq")  # they change places only among themselves
    rows = timed["row"].scatter(tied["place"], again["row"])
    places = rows.scatter(rows, timed["place"])
    return moves.with_columns(place=places).sort("place").drop("place")


def _by_time(moves: pl.DataFrame) -> pl.DataFrame:
    """What tells the order, by `met` and time, with `row` (where it stands in `moves`) and `place` (where it stands here).

    One number for both is sorted in a third of the time of two.
    """
    timed = moves.select("met", "door", "seq", "is_start", time=pl.col("time").dt.epoch("ms")).with_row_index("row")
    if timed.is_empty():
        return timed.with_row_index("place")
    first, last, most = timed.select(pl.min("time"), pl.max("time").alias("last"), pl.max("met")).row(0)
    bits = (last - first).bit_length()
    fits = bits + most.bit_length() < 63  # which holds for a million carers and homes, and a year
    key = pl.col("met") * 2**bits + pl.col("time") - first if fits else None
    ordered = timed.sort("met", "time") if key is None else timed.with_columns(key=key).sort("key").drop("key")
    return ordered.with_row_index("place")


def _without_slips(moves: pl.DataFrame, debounce_seconds: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The moves that count, and the slips of the hand with `since`."""
    since = pl.col("time") - pl.col("time").shift(1)
    again = SAME_AS_BEFORE & (pl.col("is_start") == pl.col("is_start").shift(1)) & (since <= pl.duration(seconds=debounce_seconds))
    seen = moves.with_columns(since=since, slip=again.fill_null(value=False))
    return seen.filter(~pl.col("slip")), seen.filter("slip")


def _with_neighbours(moves: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """Adds next_… of the tap that follows, and whether this tap has a stop that follows (or follows a start), and whether in time."""
    following = {"next_time": "time", "stop_device": "device", "stop_seq": "seq", "stop_grade": "grade"}
    same = SAME_AS_BEFORE.shift(-1).fill_null(value=False)
    next_is_start = pl.col("is_start").shift(-1).fill_null(value=False)
    in_time = (pl.col("next_time") - pl.col("time") <= pl.duration(hours=longest_hours)).fill_null(value=False)
    return (
        moves.with_columns(
            *(pl.col(source).shift(-1).alias(name) for name, source in following.items()),
            next_is_start=same & next_is_start,
            leads=pl.col("is_start") & same & ~next_is_start,
        )
        .with_columns(meets=pl.col("leads") & in_time)
        .with_columns(was_led=pl.col("leads").shift(1, fill_value=False), was_met=pl.col("meets").shift(1, fill_value=False))
    )


def _contacts(taps: pl.DataFrame) -> pl.DataFrame:
    """One for each start, whole if a stop meets it, and one for each stop that meets no start."""
    ends = taps.filter(pl.col("is_start") | ~pl.col("was_met"))
    of_start = {"started": "time", "start_device": "device", "start_seq": "seq", "start_grade": "grade"}
    of_stop = {"ended": ("next_time", "time"), "stop_device": ("stop_device", "device"), "stop_seq": ("stop_seq", "seq")}
    of_stop["stop_grade"] = ("stop_grade", "grade")
    whole = ends.with_columns(
        *(pl.when("is_start").then(source).alias(name) for name, source in of_start.items()),
        *(pl.when("meets").then(met).when(~pl.col("is_start")).then(own).alias(name) for name, (met, own) in of_stop.items()),
    )
    return whole.with_columns(contact_seconds=(pl.col("ended") - pl.col("started")).dt.total_seconds().fill_null(0))
